/** Keeps the restore wrapper's chain true while nothing happens, and the hand-over's session warm. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Branch } from '../../core/divergence/branch.ts';
import type { ServerReport } from '../../core/model/node-report.ts';
import { parseHistory } from '../../core/model/timeline.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { historyHash } from '../../world/postgres/history-hash.ts';
import type { PostgresSample } from '../../world/postgres/sample-row.ts';
import { chainText, makeRestoreDirectory, writeChain } from './chain.ts';
import type { HandOverContext } from './context.ts';
import { serveSkipped } from './serve-skipped.ts';

type OwnBranch = Pick<PostgresSample, 'inRecovery' | 'timeline' | 'history'>;

export type ChainChange =
  { readonly kind: 'write'; readonly branch: Branch } | { readonly kind: 'remove' | 'leave' };

/**
 * The chain is the holder's. A standby knows its text where it is its own, by number and hash; where the holder is on another branch, no
 * chain is better than an old one, whose open end would let in what the holder has discarded. `holder`: the lease holder's fresh report.
 */
export function decideChain(own: OwnBranch, holder: ServerReport | null): ChainChange {
  if (own.timeline.kind === 'unknown' || own.history.kind === 'unknown') return { kind: 'leave' };
  const branch = { timeline: own.timeline.value, history: parseHistory(own.history.value) };
  if (!own.inRecovery) return { kind: 'write', branch };
  if (holder?.role !== 'primary' || holder.timeline === null || holder.historyHash === null)
    return { kind: 'leave' };
  const same = holder.timeline === branch.timeline && holder.historyHash === historyHash(own.history.value);
  return same ? { kind: 'write', branch } : { kind: 'remove' };
}

/** To be called every few seconds while no rescue or promotion is under way; does nothing where a marker of one stands. */
export async function keepChain(
  context: HandOverContext,
  own: OwnBranch,
  holder: ServerReport | null,
): Promise<void> {
  const { restoreDirectory } = context.paths;
  // Asked each time: the session that a promotion will use is then open.
  const walSegmentBytes = await readSegmentBytes(context);
  const hurried = ['rescue', 'promoting'].some((it) => existsSync(join(restoreDirectory, it)));
  if (walSegmentBytes === null || hurried) return;
  await makeRestoreDirectory(context.runner, context.cluster.postgres, restoreDirectory);
  const change = decideChain(own, holder);
  const file = join(restoreDirectory, 'chain');
  if (change.kind === 'remove') await rm(file, { force: true });
  if (change.kind !== 'write') return;
  if (!own.inRecovery) await serveSkipped(context, change.branch.timeline);
  const chain = { ...change.branch, walSegmentBytes, end: null };
  if ((await readOptional(file)) !== chainText(chain)) await writeChain(restoreDirectory, chain);
}

async function readSegmentBytes({ session, cluster }: HandOverContext): Promise<number | null> {
  const outcome = await session.query<{ readonly bytes: string }>(
    {
      name: 'primacy_segment_bytes',
      text: `select pg_size_bytes(current_setting('wal_segment_size'))::text as bytes`,
    },
    cluster.timings.sqlStatementSeconds * 1_000,
  );
  const bytes = outcome.kind === 'rows' ? Number(outcome.rows[0]?.bytes) : Number.NaN;
  return Number.isSafeInteger(bytes) ? bytes : null;
}
