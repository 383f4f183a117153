/** Faults of keepalived and of its check script. */
import { poweredInit } from '../hosts/enter.ts';
import { startKeepalived } from '../up/services.ts';
import { disarmScript, hangScript, removeScript, restoreScript } from './check-script.ts';
import { PRIMARY, type Fault } from './fault.ts';
import { breakKeepalived, mendKeepalived, restartKeepalived } from './keepalived.ts';
import { signalKeepalived } from './signals.ts';

export const keepalivedFaults: readonly (readonly [string, Fault])[] = [
  [
    'kill-keepalived',
    {
      summary: 'SIGKILL to all processes of keepalived: the VIP stays where it is',
      defaultHost: PRIMARY,
      strike: (target) => signalKeepalived(target, 'KILL'),
      mend: async (target) =>
        startKeepalived(await poweredInit(target.state.name, target.host.name), target.config),
    },
  ],
  [
    'stop-keepalived',
    {
      summary: 'SIGSTOP to all processes of keepalived',
      defaultHost: PRIMARY,
      strike: (target) => signalKeepalived(target, 'STOP'),
      mend: (target) => signalKeepalived(target, 'CONT'),
    },
  ],
  [
    'restart-keepalived',
    {
      summary: 'SIGTERM to keepalived, and a start after its end',
      defaultHost: PRIMARY,
      strike: restartKeepalived,
      mend: null,
    },
  ],
  [
    'break-keepalived',
    {
      summary: 'a mistake in keepalived.conf and a reload, which ends keepalived and leaves the VIP',
      defaultHost: PRIMARY,
      strike: breakKeepalived,
      mend: mendKeepalived,
    },
  ],
  [
    'script-gone',
    {
      summary: "keepalived's check script is moved away",
      defaultHost: PRIMARY,
      strike: removeScript,
      mend: restoreScript,
    },
  ],
  [
    'script-hangs',
    {
      summary: "keepalived's check script never ends",
      defaultHost: PRIMARY,
      strike: hangScript,
      mend: restoreScript,
    },
  ],
  [
    'script-without-x',
    {
      summary: "keepalived's check script loses its x bit",
      defaultHost: PRIMARY,
      strike: disarmScript,
      mend: restoreScript,
    },
  ],
];
