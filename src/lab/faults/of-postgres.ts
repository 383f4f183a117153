/** Faults of PostgreSQL: its processes, its sessions, its disk, and what hands do to it. */
import { promotePostgres, logFileOf } from '../../world/postgres/service.ts';
import { describeResult, type Command } from '../../world/remote/runner.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { poweredInit, runInside, runnerInside } from '../hosts/enter.ts';
import { onlyCluster, startDatabase } from '../up/services.ts';
import { emptyDisk, fillDisk } from './disk.ts';
import { PRIMARY, STANDBY, type Fault, type FaultTarget } from './fault.ts';
import {
  endProcedure,
  freeConnections,
  lockHeartbeat,
  startProcedure,
  unlockHeartbeat,
  useUpConnections,
} from './sessions.ts';
import { killBackend, signalDataDirectory, signalPostmaster } from './signals.ts';

export const postgresFaults: readonly (readonly [string, Fault])[] = [
  [
    'kill-postgres',
    {
      summary: 'kill -9 of the postmaster alone',
      defaultHost: PRIMARY,
      strike: (target) => signalPostmaster(target, 'KILL'),
      mend: async (target) =>
        startDatabase(
          await poweredInit(target.state.name, target.host.name),
          target.host.name,
          target.config,
        ),
    },
  ],
  [
    'kill-backend',
    {
      summary: 'kill -9 of one backend that serves the client',
      defaultHost: PRIMARY,
      strike: killBackend,
      mend: null,
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
    'restart-postgres',
    {
      summary: 'pg_ctl restart, as a colleague would who knows nothing',
      defaultHost: PRIMARY,
      strike: restartPostgres,
      mend: null,
    },
  ],
  [
    'promote-standby',
    { summary: 'pg_ctl promote by hand', defaultHost: STANDBY, strike: promote, mend: null },
  ],
  [
    'busy-procedure',
    {
      summary: 'a procedure that inserts and commits in a loop',
      defaultHost: PRIMARY,
      strike: startProcedure,
      mend: endProcedure,
    },
  ],
  [
    'lock-heartbeat',
    {
      summary: 'a session locks the table sr_delay and keeps the lock',
      defaultHost: PRIMARY,
      strike: lockHeartbeat,
      mend: unlockHeartbeat,
    },
  ],
  [
    'use-up-connections',
    {
      summary: 'an application on the client takes every connection',
      defaultHost: PRIMARY,
      strike: useUpConnections,
      mend: freeConnections,
    },
  ],
  [
    'fill-disk',
    {
      summary: 'the disk of the data directory is filled, in a lab of --disk',
      defaultHost: PRIMARY,
      strike: fillDisk,
      mend: emptyDisk,
    },
  ],
];

/** pg_ctl does not see that the server which it waits for was refused, ended, and is another one by now. */
const PROMOTE_LIMIT_SECONDS = 10;

async function promote(target: FaultTarget): Promise<void> {
  const { postgres } = onlyCluster(target.config);
  const runner = runnerInside(await poweredInit(target.state.name, target.host.name));
  const result = await promotePostgres(runner, postgres, PROMOTE_LIMIT_SECONDS);
  if (result.kind === 'done') return;
  const command: Command = { program: 'pg_ctl', arguments: ['promote'], timeoutMs: 0 };
  throw new PrimacyError(
    'command-failed',
    `cannot promote ${target.host.name}: ${describeResult(command, result)}`,
  );
}

/** Without options: pg_ctl repeats those of the last start. */
async function restartPostgres(target: FaultTarget): Promise<void> {
  const { postgres, timings } = onlyCluster(target.config);
  await runInside(await poweredInit(target.state.name, target.host.name), {
    program: `${postgres.binDirectory}/pg_ctl`,
    arguments: [
      'restart',
      `--pgdata=${postgres.dataDirectory}`,
      `--log=${logFileOf(postgres.dataDirectory)}`,
      '--mode=fast',
      '--wait',
      `--timeout=${timings.startSeconds}`,
    ],
    user: postgres.user,
    timeoutMs: timings.startSeconds * 2_000,
  });
}
