/** Every fault the lab can make, by name. */
import { promotePostgres } from '../../world/postgres/service.ts';
import { describeResult } from '../../world/remote/runner.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { poweredInit, runnerInside } from '../hosts/enter.ts';
import { dropVrrp, passVrrp, rejoinNetworks, separate } from '../hosts/network.ts';
import { hostNamed } from '../topology.ts';
import { onlyCluster, startAgent, startDatabase, startKeepalived } from '../up/services.ts';
import { addVip, deleteVip, deleteVipIfThere } from './address.ts';
import type { Fault, FaultTarget } from './fault.ts';
import { cutPower, restorePower } from './power.ts';
import { signalAgent, signalDataDirectory, signalKeepalived, signalPostmaster } from './signals.ts';

const PRIMARY = 'pg1';
const STANDBY = 'pg2';

export const faults: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  [
    'kill-postgres',
    {
      summary: 'kill -9 of the postmaster alone',
      defaultHost: PRIMARY,
      strike: (target) => signalPostmaster(target, 'KILL'),
      mend: async (target) => startDatabase(await init(target), target.host.name, target.config),
    },
  ],
  [
    'stop-postgres',
    {
      summary: 'SIGSTOP to every process of the data directory',
      defaultHost: PRIMARY,
      strike: (target) => signalDataDirectory(target, 'STOP'),
      mend: (target) => signalDataDirectory(target, 'CONT'),
    },
  ],
  [
    'stop-postmaster',
    {
      summary: 'SIGSTOP to the postmaster alone: sessions go on, new ones hang',
      defaultHost: PRIMARY,
      strike: (target) => signalPostmaster(target, 'STOP'),
      mend: (target) => signalPostmaster(target, 'CONT'),
    },
  ],
  [
    'promote-standby',
    { summary: 'pg_ctl promote by hand', defaultHost: STANDBY, strike: promote, mend: null },
  ],
  [
    'power-off',
    {
      summary: "death of the host's process 1 and of its links",
      defaultHost: PRIMARY,
      strike: cutPower,
      mend: restorePower,
    },
  ],
  [
    'power-on',
    {
      summary: 'links, then a blind pg_ctl start, then keepalived and agent as an init would',
      defaultHost: PRIMARY,
      strike: restorePower,
      mend: null,
    },
  ],
  [
    'partition',
    {
      summary: 'the host, and those named by --with, against all others, on both networks',
      defaultHost: PRIMARY,
      strike: partition,
      mend: (target) => rejoinNetworks(target.state.name),
    },
  ],
  [
    'kill-keepalived',
    {
      summary: 'SIGKILL to all processes of keepalived: the VIP stays where it is',
      defaultHost: PRIMARY,
      strike: (target) => signalKeepalived(target, 'KILL'),
      mend: async (target) => startKeepalived(await init(target), target.config),
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
    'drop-vrrp',
    {
      summary: 'the switch drops VRRP from and to the host, in silence',
      defaultHost: PRIMARY,
      strike: (target) => dropVrrp(target.state.name, target.host.name),
      mend: (target) => passVrrp(target.state.name, target.host.name),
    },
  ],
  [
    'add-vip',
    {
      summary: 'ip address add of the VIP by hand',
      defaultHost: STANDBY,
      strike: addVip,
      mend: deleteVipIfThere,
    },
  ],
  [
    'delete-vip',
    { summary: 'ip address delete of the VIP by hand', defaultHost: PRIMARY, strike: deleteVip, mend: null },
  ],
  [
    'kill-agent',
    {
      summary: 'SIGKILL to the agent',
      defaultHost: PRIMARY,
      strike: (target) => signalAgent(target, 'KILL'),
      mend: async (target) => startAgent(await init(target)),
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
]);

function init(target: FaultTarget): Promise<number> {
  return poweredInit(target.state.name, target.host.name);
}

async function promote(target: FaultTarget): Promise<void> {
  const { postgres, timings } = onlyCluster(target.config);
  const runner = runnerInside(await init(target));
  const result = await promotePostgres(runner, postgres, timings.startSeconds);
  if (result.kind === 'done') return;
  const command = { program: 'pg_ctl', arguments: ['promote'], timeoutMs: 0 };
  throw new PrimacyError(
    'command-failed',
    `cannot promote ${target.host.name}: ${describeResult(command, result)}`,
  );
}

async function partition(target: FaultTarget): Promise<void> {
  const others = target.others.map((name) => hostNamed(target.topology, name).name);
  await separate(target.state.name, [target.host.name, ...others]);
}
