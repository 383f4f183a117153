/** Lets an uncleanly stopped server recover by itself, alone and read-only, and stops it cleanly. */
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { DivergenceAccount } from '../../../core/model/account.ts';
import { parseLsn } from '../../../core/model/lsn.ts';
import { pollUntil } from '../../../world/clock.ts';
import { writeAtomically } from '../../../world/files/atomic-write.ts';
import { isolatedSettings } from '../../../world/postgres/recovery-settings.ts';
import { startPostgres } from '../../../world/postgres/service.ts';
import type { ProcedureContext } from '../context.ts';
import type { RunStep } from '../run-step.ts';
import { endPostgres } from '../stop-postgres.ts';
import { ownByServer } from './prepare.ts';

const POLL_MILLIS = 50;
const QUERY_LIMIT_MILLIS = 5_000;

/**
 * An isolated hot standby on its own data (facts.md section 6): no network, no upstream, a private socket folder. It writes no WAL, so what
 * was accounted stays true, and it ends as "shut down in recovery", which pg_rewind accepts. Returns whether it replayed everything:
 * consistency can be reached earlier than the last page that was written before a crash.
 */
export async function recoverAlone(
  context: ProcedureContext,
  account: DivergenceAccount,
  step: RunStep,
): Promise<boolean> {
  const { cluster, runner, paths } = context;
  const { postgres, timings } = cluster;
  const sockets = await mkdtemp(join(paths.runDirectory, 'recovery-'));
  try {
    await ownByServer(context, sockets);
    const { uid, gid } = await stat(postgres.dataDirectory);
    await writeAtomically(join(postgres.dataDirectory, 'standby.signal'), '', { owner: { uid, gid } });
    const settings = isolatedSettings(account.loserTimeline, sockets);
    const started = await startPostgres(runner, postgres, timings.startSeconds, settings);
    const replayed = started.kind === 'done' && (await isReplayed(context, account, sockets));
    await endPostgres(context, step);
    return replayed;
  } finally {
    await rm(sockets, { recursive: true, force: true });
  }
}

async function isReplayed(
  context: ProcedureContext,
  account: DivergenceAccount,
  sockets: string,
): Promise<boolean> {
  const { postgres, timings } = context.cluster;
  const query = 'select pg_last_wal_replay_lsn()';
  const replayed = await pollUntil(context.clock, timings.startSeconds * 1_000, POLL_MILLIS, async () => {
    const result = await context.runner.run({
      program: join(postgres.binDirectory, 'psql'),
      arguments: ['-XAtq', '-h', sockets, '-p', String(postgres.port), '-d', 'postgres', '-c', query],
      user: postgres.user,
      timeoutMs: QUERY_LIMIT_MILLIS,
    });
    if (result.kind !== 'done') return false;
    const text = result.stdout.trim();
    return text !== '' && parseLsn(text) >= account.endLsn ? true : undefined;
  });
  return replayed === true;
}
