/** This stopped node's own data as a server that nobody else can reach and that changes nothing: an isolated hot standby (facts.md section 6). */
import { mkdtemp, readFile, rm, stat, writeFile, chown } from 'node:fs/promises';
import { join } from 'node:path';
import { formatLsn, parseLsn, type Lsn } from '../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import { pollUntil } from '../../world/clock.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { awaitFreeLockFile } from '../../world/postgres/kill.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import { psqlJson, type PsqlTarget } from '../../world/postgres/psql-lines.ts';
import { ISOLATED_PREFIX, isolatedSettings } from '../../world/postgres/recovery-settings.ts';
import { logFileOf, startPostgres } from '../../world/postgres/service.ts';
import { describeResult } from '../../world/remote/runner.ts';
import type { ProcedureContext } from './context.ts';
import type { RunStep } from './run-step.ts';
import { endPostgres } from './stop-postgres.ts';

const POLL_MILLIS = 20;
const QUERY_LIMIT_MILLIS = 5_000;

export interface IsolatedServer {
  /** How to ask one of its databases. */
  readonly target: (database: string) => PsqlTarget;
}

/** What was done with it, or why it did not come up with everything. */
export type Isolated<T> =
  { readonly kind: 'served'; readonly value: T } | { readonly kind: 'failed'; readonly why: string };

/**
 * Starts it, waits until it has replayed all WAL up to `end`, runs `act` and stops it cleanly: it ends as "shut down in recovery", which
 * pg_rewind accepts. The standing `standby.signal` keeps it from ever writing, also where we are killed meanwhile; it writes no WAL, so
 * what was accounted stays true. Rejects with what `act` throws, and where a process outlives SIGKILL.
 */
export async function withIsolatedServer<T>(
  context: ProcedureContext,
  timeline: TimelineId,
  end: Lsn,
  step: RunStep,
  act: (server: IsolatedServer) => Promise<T>,
): Promise<Isolated<T>> {
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
      const why = await step(
        'start-isolated',
        async () =>
          (await start(context, timeline, sockets)) ??
          (await waitForReplay(context, target('postgres'), end)),
        (it) => it ?? 'it has replayed everything',
      );
      return why === null ? { kind: 'served', value: await act({ target }) } : { kind: 'failed', why };
    } finally {
      // Also one that took too long to come up: it would come up yet, alone, with nobody to end it.
      await endPostgres(context, step);
    }
  } finally {
    await rm(sockets, { recursive: true, force: true });
  }
}

/** Ends an isolated server that an interrupted procedure left behind; any other server is left alone. */
export async function endLeftIsolated(context: ProcedureContext, step: RunStep): Promise<void> {
  const { dataDirectory } = context.cluster.postgres;
  if ((await processesOf(dataDirectory)).length === 0) return;
  const lockFile = (await readOptional(join(dataDirectory, 'postmaster.pid'))) ?? '';
  // The fifth line is the folder of its socket.
  if (lockFile.split('\n')[4]?.startsWith(join(context.paths.runDirectory, ISOLATED_PREFIX)) === true)
    await endPostgres(context, step);
}

/** Null, or why it does not start. */
async function start(
  context: ProcedureContext,
  timeline: TimelineId,
  sockets: string,
): Promise<string | null> {
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
  if (result.kind === 'done') return null;
  const words = describeResult({ program: 'pg_ctl start', arguments: [], timeoutMs: 0 }, result);
  return `its own data does not start as an isolated standby (${words}): ${await lastWords(postgres.dataDirectory)}`;
}

async function lastWords(dataDirectory: string): Promise<string> {
  try {
    return (await readFile(logFileOf(dataDirectory), 'utf8')).trim().split('\n').slice(-3).join(' | ');
  } catch {
    return `see ${logFileOf(dataDirectory)}`;
  }
}

/** Null, or why not. Consistency can be reached earlier than the last record: rows of the rest would be missing. */
async function waitForReplay(
  context: ProcedureContext,
  target: PsqlTarget,
  end: Lsn,
): Promise<string | null> {
  const limitMillis = context.cluster.timings.startSeconds * 1_000;
  let last = '';
  const ask = async (): Promise<true | undefined> => {
    const asked = { ...target, timeoutMs: QUERY_LIMIT_MILLIS };
    const [row] = await psqlJson<string | null>(asked, 'select to_json(pg_last_wal_replay_lsn());');
    last = row ?? '';
    return last !== '' && parseLsn(last) >= end ? true : undefined;
  };
  try {
    if ((await pollUntil(context.clock, limitMillis, POLL_MILLIS, ask)) === true) return null;
    return `it has replayed WAL only to ${last}, and it ends at ${formatLsn(end)}`;
  } catch (error) {
    // A server that ends itself while it replays: what it replays is damaged.
    if (error instanceof PrimacyError) return `its isolated server does not answer: ${errorText(error)}`;
    throw error;
  }
}
