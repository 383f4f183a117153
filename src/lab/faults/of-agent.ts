/** Faults of what Primacy runs on a node: agent, fuse and guard. */
import { poweredInit } from '../hosts/enter.ts';
import { startAgent } from '../up/services.ts';
import { PRIMARY, STANDBY, type Fault } from './fault.ts';
import { guardAgain, putGuardBack, removeGuard, startFuseAgain, unguard } from './guard.ts';
import { signalAgent, signalFuse } from './signals.ts';

export const agentFaults: readonly (readonly [string, Fault])[] = [
  [
    'kill-agent',
    {
      summary: 'SIGKILL to the agent',
      defaultHost: PRIMARY,
      strike: (target) => signalAgent(target, 'KILL'),
      mend: async (target) => startAgent(await poweredInit(target.state.name, target.host.name)),
    },
  ],
  [
    'stop-agent',
    {
      summary: 'SIGSTOP to the agent',
      defaultHost: PRIMARY,
      strike: (target) => signalAgent(target, 'STOP'),
      mend: (target) => signalAgent(target, 'CONT'),
    },
  ],
  [
    'kill-fuse',
    {
      summary: 'SIGKILL to the fuse and its supervisor',
      defaultHost: PRIMARY,
      strike: (target) => signalFuse(target, 'KILL'),
      mend: startFuseAgain,
    },
  ],
  [
    'stop-fuse',
    {
      summary: 'SIGSTOP to the fuse and its supervisor',
      defaultHost: PRIMARY,
      strike: (target) => signalFuse(target, 'STOP'),
      mend: (target) => signalFuse(target, 'CONT'),
    },
  ],
  [
    'remove-guard',
    {
      summary: 'recovery_end_command is emptied: a promotion by hand is not refused any more',
      defaultHost: STANDBY,
      strike: removeGuard,
      mend: putGuardBack,
    },
  ],
  [
    'unguard',
    {
      summary: 'agent and fuse killed, and "primacy unadopt": an ordinary server is left',
      defaultHost: STANDBY,
      strike: unguard,
      mend: guardAgain,
    },
  ],
];
