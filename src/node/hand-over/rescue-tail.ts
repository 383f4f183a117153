/** Fetches what this standby lacks of a dead primary's WAL, and waits until it is replayed. */
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import { formatLsn, lsnDifferenceBytes, type Lsn } from '../../core/model/lsn.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { postmasterOf, processesOf } from '../../world/postgres/processes.ts';
import type { Endpoint } from '../procedures/context.ts';
import { secondsSince } from '../procedures/run-step.ts';
import type { HandOverContext } from './context.ts';
import { deferredSteps } from './deferred-steps.ts';
import { fetchTail, type RescueProgress } from './fetch-tail.ts';
import { readReplayPosition, type ReplayPosition } from './replay-position.ts';
import { urgeReplay } from './urge-replay.ts';

export type RescueOutcome =
  /** Everything that the certificate covers is replayed. `fetchedBytes` 0: it was there already. */
  | { readonly kind: 'complete'; readonly fetchedBytes: number; readonly seconds: number }
  /** The limit passed; `from` is what was replayed (null = not even that is known), `to` the certificate's end. */
  | {
      readonly kind: 'gap';
      readonly bytes: number | null;
      readonly from: Lsn | null;
      readonly to: Lsn;
      readonly reason: string;
      readonly seconds: number;
    };

const POLL_MS = 10;
/**
 * At most `rescueSeconds`. `holder`: the dead primary's agent, by each of its addresses (`walEndpoints`). Rejects only when `signal` aborts.
 * What it set up stays for the promotion; `promoteServer` clears it, else `endHurry` lets the standby go on as before.
 */
export async function rescueTail(
  context: HandOverContext,
  certificate: DeathCertificate,
  holder: readonly Endpoint[],
  signal: AbortSignal,
): Promise<RescueOutcome> {
  const { clock, cluster } = context;
  const start = clock.monotonicMillis();
  const limitMs = cluster.timings.rescueSeconds * 1_000;
  const progress: RescueProgress = {
    replayed: null,
    fetchedBytes: 0,
    ready: false,
    givenUp: false,
    failure: null,
  };
  const { step, write } = deferredSteps(context, 'rescue');
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const complete = await step(
      'replay-to-end',
      () => rescue(context, certificate, holder, progress, limit),
      () => `${formatLsn(certificate.endLsn)}, ${progress.fetchedBytes} bytes fetched`,
    ).catch((error: unknown) => {
      progress.failure ??= errorText(error);
      return false;
    });
    signal.throwIfAborted();
    const seconds = secondsSince(context, start);
    if (complete) return { kind: 'complete', fetchedBytes: progress.fetchedBytes, seconds };
    return { ...gapOf(certificate, progress), seconds };
  } finally {
    void write();
  }
}

function gapOf(
  { endLsn, node }: DeathCertificate,
  { replayed, failure }: RescueProgress,
): Omit<Extract<RescueOutcome, { readonly kind: 'gap' }>, 'seconds'> {
  return {
    kind: 'gap',
    bytes: replayed === null ? null : lsnDifferenceBytes(endLsn, replayed),
    from: replayed,
    to: endLsn,
    reason: failure ?? `the WAL of ${node} was not replayed to its end in time`,
  };
}

async function rescue(
  context: HandOverContext,
  certificate: DeathCertificate,
  holder: readonly Endpoint[],
  progress: RescueProgress,
  limit: AbortSignal,
): Promise<boolean> {
  const first = await firstLook(context, certificate, progress, limit);
  if (isReplayed(certificate, progress)) return true;
  const postmaster = postmasterOf(await processesOf(context.cluster.postgres.dataDirectory));
  if (postmaster === null)
    throw new PrimacyError('refused', `cannot rescue WAL at ${context.node.name}: its server does not run`);
  const replayed = new AbortController();
  const until = AbortSignal.any([limit, replayed.signal]);
  const fetching = fetchTail(context, certificate, holder, first, progress, until).catch((error: unknown) => {
    // The last failed attempt tells more than the end of the time.
    progress.failure ??= errorText(error);
    progress.givenUp = true;
  });
  const complete = await replay(context, certificate, progress, postmaster.pid, limit);
  replayed.abort();
  await fetching;
  return complete;
}

/** Until the server has answered once: what it lacks cannot be asked for before. */
async function firstLook(
  context: HandOverContext,
  certificate: DeathCertificate,
  progress: RescueProgress,
  limit: AbortSignal,
): Promise<ReplayPosition> {
  for (;;) {
    const seen = await look(context, certificate, progress);
    if (seen !== null && seen.replay !== null) return seen;
    if (limit.aborted)
      throw new PrimacyError(
        'timeout',
        `cannot rescue WAL at ${context.node.name}: its server does not answer`,
      );
    await context.clock.wait(POLL_MS);
  }
}

async function look(
  context: HandOverContext,
  certificate: DeathCertificate,
  progress: RescueProgress,
): Promise<ReplayPosition | null> {
  const limitMs = context.cluster.timings.rescueSeconds * 1_000;
  const seen = await readReplayPosition(context.session, certificate.timeline, limitMs);
  if (seen.kind === 'unknown') return null;
  progress.replayed = seen.value.replay ?? progress.replayed;
  return seen.value;
}

function isReplayed({ endLsn }: DeathCertificate, { replayed }: RescueProgress): boolean {
  return replayed !== null && replayed >= endLsn;
}

/** Watches replay, and urges it once enough was fetched. */
async function replay(
  context: HandOverContext,
  certificate: DeathCertificate,
  progress: RescueProgress,
  postmasterPid: number,
  limit: AbortSignal,
): Promise<boolean> {
  const urge = urgeReplay(postmasterPid);
  while (!limit.aborted) {
    const seen = await look(context, certificate, progress);
    if (isReplayed(certificate, progress)) return true;
    if (progress.givenUp) return false;
    if (progress.ready) urge.again(seen?.restartsAfterCrash ?? false);
    await context.clock.wait(POLL_MS);
  }
  return false;
}
