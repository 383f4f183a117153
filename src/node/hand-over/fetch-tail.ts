/** Fetches the segments of a dead primary that this standby lacks, in order, with no more of them on tmpfs at once than a window. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Branch } from '../../core/divergence/branch.ts';
import { historyFileName } from '../../core/divergence/wal-position.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { parseHistory } from '../../core/model/timeline.ts';
import { readOptional } from '../../world/files/read-optional.ts';
import { historyHash } from '../../world/postgres/history-hash.ts';
import type { Endpoint } from '../procedures/context.ts';
import { makeRestoreDirectory, writeChain, type Chain } from './chain.ts';
import type { HandOverContext } from './context.ts';
import { setHurry } from './hurry.ts';
import { neededSegments, type NeededSegment } from './needed-segments.ts';
import type { ReplayPosition } from './replay-position.ts';
import { greet, type WalClient } from './wal-client.ts';

/** What the two halves, fetching and replaying, tell one another. */
export interface RescueProgress {
  replayed: Lsn | null;
  fetchedBytes: number;
  /** A segment lies ready, and the receiver is to be ended. */
  ready: boolean;
  /** Nothing more can be fetched. */
  givenUp: boolean;
  failure: string | null;
}

const POLL_MS = 10;
/** So many segments lie on tmpfs at once at most; those that were replayed make room for the next. */
const WINDOW = 8;
const RETRY_MS = 50;
/** The markers outlive the rescue until the promotion: its last look at the WAL wants the fetched files still. */
const MARKER_SPARE_SECONDS = 30;

/** Fetches segment by segment, again where a path failed; the chain is written beside it, before anything is made of it. */
export async function fetchTail(
  context: HandOverContext,
  certificate: DeathCertificate,
  holder: readonly Endpoint[],
  position: ReplayPosition,
  progress: RescueProgress,
  limit: AbortSignal,
): Promise<void> {
  const { restoreDirectory } = context.paths;
  await makeRestoreDirectory(context.runner, context.cluster.postgres, restoreDirectory);
  const client = persistent(context, certificate, holder, progress, limit);
  const branch = await branchOf(context, certificate, position, client, limit);
  const { walSegmentBytes, endLsn } = certificate;
  const prepared = prepareWrapper(context, { ...branch, walSegmentBytes, end: endLsn });
  // Awaited below; until then its rejection must not count as unhandled.
  prepared.catch(() => undefined);
  const segments = neededSegments(branch, position, endLsn, walSegmentBytes);
  for (const [index, segment] of segments.entries()) {
    await room(context, segments, index, progress, limit);
    progress.fetchedBytes += await client.fetchSegment(segment.name, segment.received, limit);
    await prepared;
    progress.ready = true;
  }
  await prepared;
  progress.ready = true;
}

/** From here on nothing but what was fetched is restored, until the markers' time is over. */
async function prepareWrapper(context: HandOverContext, chain: Chain): Promise<void> {
  const { restoreDirectory } = context.paths;
  const { rescueSeconds, promoteSeconds } = context.cluster.timings;
  await Promise.all([
    writeChain(restoreDirectory, chain),
    setHurry(restoreDirectory, 'rescue', rescueSeconds + promoteSeconds + MARKER_SPARE_SECONDS),
  ]);
}

/** Waits until the segment that is a window behind was replayed, and removes it. */
async function room(
  context: HandOverContext,
  segments: readonly NeededSegment[],
  index: number,
  progress: RescueProgress,
  limit: AbortSignal,
): Promise<void> {
  const behind = segments[index - WINDOW];
  if (behind === undefined) return;
  while (progress.replayed === null || progress.replayed < behind.end) {
    limit.throwIfAborted();
    await context.clock.wait(POLL_MS);
  }
  await rm(join(context.paths.restoreDirectory, behind.name), { force: true });
}

/** Fetches again, greeting anew, until the limit: a path that fails now and then is no gap. */
function persistent(
  context: HandOverContext,
  certificate: DeathCertificate,
  holder: readonly Endpoint[],
  progress: RescueProgress,
  limit: AbortSignal,
): WalClient {
  let client: WalClient | null = null;
  const again = async (act: (client: WalClient) => Promise<number>): Promise<number> => {
    for (;;) {
      try {
        client ??= await greet(context, certificate, holder, limit);
        return await act(client);
      } catch (error) {
        client = null;
        limit.throwIfAborted();
        progress.failure = errorText(error);
        if (error instanceof PrimacyError && !error.retryable) throw error;
        await context.clock.wait(RETRY_MS);
      }
    }
  };
  return {
    fetchSegment: (name, from, signal) => again((it) => it.fetchSegment(name, from, signal)),
    fetchHistory: (name, signal) => again((it) => it.fetchHistory(name, signal)),
  };
}

/** The chain that the certificate names: by the own history file where that is the same text, else by the holder's. */
async function branchOf(
  context: HandOverContext,
  certificate: DeathCertificate,
  position: ReplayPosition,
  client: WalClient,
  limit: AbortSignal,
): Promise<Branch> {
  const { timeline } = certificate;
  let text = timeline === 1 ? '' : position.history;
  if (text === null || historyHash(text) !== certificate.historyHash) {
    const name = historyFileName(timeline);
    await client.fetchHistory(name, limit);
    text = (await readOptional(join(context.paths.restoreDirectory, name))) ?? '';
  }
  if (historyHash(text) !== certificate.historyHash)
    throw new PrimacyError(
      'output-invalid',
      `cannot use the history of timeline ${timeline}: it is not the one that ${certificate.node} certified`,
    );
  return { timeline, history: parseHistory(text) };
}
