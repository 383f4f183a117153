/** This stopped node's own data as a server that nobody else can reach and that changes nothing: an isolated hot standby (facts.md section 6). */
import { mkdtemp, readFile, rm, stat, writeFile, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLsn, parseLsn, type Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import type { TimelineId } from '../../../core/model/timeline.ts';
import { pollUntil } from '../../../world/clock.ts';
import { writeAtomically } from '../../../world/files/atomic-write.ts';
import { readOptional } from '../../../world/files/read-optional.ts';
import { awaitFreeLockFile } from '../../../world/postgres/kill.ts';
import { processesOf } from '../../../world/postgres/processes.ts';
import { psqlJson, type PsqlTarget } from '../../../world/postgres/psql-lines.ts';
import { ISOLATED_PREFIX, isolatedSettings } from '../../../world/postgres/recovery-settings.ts';
import { logFileOf, startPostgres } from '../../../world/postgres/service.ts';
import { describeResult } from '../../../world/remote/runner.ts';
import type { ProcedureContext } from '../context.ts';
import type { RunStep } from '../run-step.ts';
import { endPostgres } from '../stop-postgres.ts';

const POLL_MILLIS = 20;

export interface IsolatedServer {
  /** How to ask one of its databases. */
  readonly target: (database: string) => PsqlTarget;
}

/**
 * Starts it, waits until it has replayed all WAL up to `end`, runs `act` and stops it cleanly, which pg_rewind accepts. The standing
 * `standby.signal` keeps it from ever writing, also where we are killed meanwhile. Throws `refused` where it does not come up.
 */
export async function withIsolatedServer<T>(
  context: ProcedureContext,
  timeline: TimelineId,
  end: Lsn,
  step: RunStep,
  act: (server: IsolatedServer) => Promise<T>,
): Promise<T> {
  const { cluster, paths } = context;
  const sockets = await mkdtemp(join(paths.runDirectory, ISOLATED_PREFIX));
  try {
    const target = (database: string): PsqlTarget => ({
      postgres: cluster.postgres,
      socketDirectory: sockets,
      port: cluster.postgres.port,
      database,
      timeoutMs: cluster.timings.accountSeconds * 1_000,
    });
    try {
      await step('start-isolated', () => start(context, timeline, sockets));
      await waitForReplay(context, target('postgres'), end);
      return await act({ target });
    } finally {
      // Also one that took too long to come up: it would come up yet, alone, with nobody to end it.
      await endPostgres(context, step);
    }
  } finally {
    await rm(sockets, { recursive: true, force: true });
  }
}

/** Ends an isolated server that an interrupted account left behind; any other server is left alone. */
export async function endLeftIsolated(context: ProcedureContext, step: RunStep): Promise<void> {
  const { dataDirectory } = context.cluster.postgres;
  if ((await processesOf(dataDirectory)).length === 0) return;
  const lockFile = (await readOptional(join(dataDirectory, 'postmaster.pid'))) ?? '';
  // The fifth line is the folder of its socket.
  if (lockFile.split('\n')[4]?.startsWith(join(context.paths.runDirectory, ISOLATED_PREFIX)) === true)
    await endPostgres(context, step);
}

async function start(context: ProcedureContext, timeline: TimelineId, sockets: string): Promise<void> {
  const { cluster, runner } = context;
  const { postgres, timings } = cluster;
  const owner = await stat(postgres.dataDirectory);
  // Whoever can enter the folder may ask: the server's own rules of access are for another network, and may let nobody in.
  const rules = join(sockets, 'hba.conf');
  await writeFile(rules, `local all ${postgres.user} trust\n`, { mode: 0o600 });
  await chown(rules, owner.uid, owner.gid);
  await chown(sockets, owner.uid, owner.gid);
  await writeAtomically(join(postgres.dataDirectory, 'standby.signal'), '', { owner });
  const settings = { ...isolatedSettings(timeline, sockets), hba_file: rules };
  await awaitFreeLockFile(postgres.dataDirectory, context.clock, timings.stopKillSeconds);
  const result = await startPostgres(runner, postgres, timings.startSeconds, settings);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'refused',
      `cannot read the rows of ${context.node.name}: its own data does not start as an isolated standby (${describeResult({ program: 'pg_ctl start', arguments: [], timeoutMs: 0 }, result)}): ${await lastWords(postgres.dataDirectory)}`,
    );
}

async function lastWords(dataDirectory: string): Promise<string> {
  try {
    return (await readFile(logFileOf(dataDirectory), 'utf8')).trim().split('\n').slice(-3).join(' | ');
  } catch {
    return `see ${logFileOf(dataDirectory)}`;
  }
}

/** Consistency can be reached earlier than the last record: rows of the rest would be missing. */
async function waitForReplay(context: ProcedureContext, target: PsqlTarget, end: Lsn): Promise<void> {
  let last = '';
  const replayed = await pollUntil(
    context.clock,
    context.cluster.timings.startSeconds * 1_000,
    POLL_MILLIS,
    async () => {
      const [row] = await psqlJson<string | null>(target, 'select to_json(pg_last_wal_replay_lsn());');
      last = row ?? '';
      return last !== '' && parseLsn(last) >= end ? true : undefined;
    },
  );
  if (replayed === undefined)
    throw new PrimacyError(
      'refused',
      `cannot read the rows of ${context.node.name}: it has replayed WAL only to ${last}, and it ends at ${formatLsn(end)}`,
    );
}
