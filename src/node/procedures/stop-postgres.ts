/** Ends PostgreSQL on this node whatever state it is in, from the kindest way to the surest, and proves it. */
import { connect } from 'node:net';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { readControlFile } from '../../world/postgres/control-data.ts';
import { killPostgres } from '../../world/postgres/kill.ts';
import { processesOf, type PostgresProcess } from '../../world/postgres/processes.ts';
import { stopPostgres } from '../../world/postgres/service.ts';
import type { FenceReport } from '../../world/remote/protocol.ts';
import type { ProcedureContext } from './context.ts';
import type { RunStep } from './run-step.ts';

type StopWay = 'fast' | 'immediate' | 'kill';

/**
 * Which ways are worth trying. A process stopped by a signal can end no session and orphans have no postmaster that could be asked, so
 * both are killed at once: asking would only cost the limits, and `pg_ctl` would signal whatever has the postmaster's number by now.
 */
export function stopWays(
  processes: readonly Pick<PostgresProcess, 'pid' | 'parentPid' | 'state'>[],
): readonly StopWay[] {
  const pids = new Set(processes.map((it) => it.pid));
  const led = processes.some((it) => pids.has(it.parentPid));
  const stopped = processes.some((it) => it.state === 'T');
  return led && !stopped ? ['fast', 'immediate', 'kill'] : ['kill'];
}

/** Ends it and returns what it took. Throws `postcondition-missing` where a process outlives SIGKILL. */
export async function endPostgres(
  context: ProcedureContext,
  step: RunStep,
): Promise<FenceReport['postgres']> {
  const { dataDirectory } = context.cluster.postgres;
  const processes = await processesOf(dataDirectory);
  if (processes.length === 0) return 'already-down';
  for (const way of stopWays(processes)) {
    await step(`stop-postgres-${way}`, () => attempt(context, way));
    if ((await processesOf(dataDirectory)).length === 0) return way;
  }
  throw new PrimacyError(
    'postcondition-missing',
    `cannot end PostgreSQL on ${context.node.name}: a process appeared after the last was killed`,
    { retryable: true },
  );
}

/** The outcome of pg_ctl does not matter: the process list decides. */
async function attempt(context: ProcedureContext, way: StopWay): Promise<void> {
  const { runner, cluster, clock } = context;
  const { postgres, timings } = cluster;
  switch (way) {
    case 'fast':
      await stopPostgres(runner, postgres, 'fast', timings.stopFastSeconds);
      return;
    case 'immediate':
      await stopPostgres(runner, postgres, 'immediate', timings.stopImmediateSeconds);
      return;
    case 'kill':
      await killPostgres(postgres.dataDirectory, clock, timings.stopKillSeconds);
  }
}

/** Three independent looks: no process, nobody answers on the port, and the control file can be read. */
export async function provePostgresDown(context: ProcedureContext): Promise<string> {
  const { postgres, timings } = context.cluster;
  const failed = (why: string): PrimacyError =>
    new PrimacyError(
      'postcondition-missing',
      `cannot prove PostgreSQL down on ${context.node.name}: ${why}`,
      {
        retryable: true,
      },
    );
  if ((await processesOf(postgres.dataDirectory)).length > 0) throw failed('a process is left');
  const answer = await connectTo(context.local, timings.sqlConnectSeconds * 1_000);
  if (answer !== 'refused') throw failed(`port ${context.local.port}: ${answer}`);
  const control = await readControlFile(context.runner, postgres);
  if (control.kind === 'unknown') throw failed(control.reason);
  return control.value.state;
}

/** `refused` is the only proof that nobody listens. */
function connectTo(
  endpoint: ProcedureContext['local'],
  limitMillis: number,
): Promise<'refused' | 'accepted' | 'silent'> {
  return new Promise((resolve) => {
    const socket = connect({ host: endpoint.host, port: endpoint.port });
    const end = (answer: 'refused' | 'accepted' | 'silent'): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(limitMillis, () => end('silent'));
    socket.once('connect', () => end('accepted'));
    socket.once('error', (error: NodeJS.ErrnoException) =>
      end(error.code === 'ECONNREFUSED' ? 'refused' : 'silent'),
    );
  });
}
