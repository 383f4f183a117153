/** Promotes this node's server under its lease, and proves that it can be written. */
import type { LeaseId } from '../../core/lease/lease.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { parseTimelineId, type TimelineId } from '../../core/model/timeline.ts';
import { postmasterOf, processesOf } from '../../world/postgres/processes.ts';
import { isInRecovery, requestPromotion, writeEpochRow } from '../../world/postgres/promote.ts';
import type { SqlOutcome } from '../../world/postgres/session.ts';
import { secondsSince, type RunStep } from '../procedures/run-step.ts';
import { makeRestoreDirectory } from './chain.ts';
import type { HandOverContext } from './context.ts';
import { deferredSteps } from './deferred-steps.ts';
import { endHurry, setHurry } from './hurry.ts';
import { isSuspended, notSuspended, suspendSynchronous } from './synchronous.ts';
import { urgeReplay } from './urge-replay.ts';

export interface PromotionReport {
  readonly timeline: TimelineId;
  /** `synchronous_standby_names` as it was, where it was suspended; else null. */
  readonly suspendedSynchronous: string | null;
  /** promote: until not in recovery; write: from there until the epoch row is committed. */
  readonly seconds: Readonly<Record<'promote' | 'write' | 'total', number>>;
}

const POLL_MS = 10;

/**
 * At most `promoteSeconds`. Throws `timeout` or `command-failed` where the server does not become writable; the caller looks then, because
 * it may still become so. Afterwards the caller opens the gate, and then calls `pinServer(context, 'holder')`, which may come later.
 */
export async function promoteServer(context: HandOverContext, lease: LeaseId): Promise<PromotionReport> {
  const { clock, cluster, paths } = context;
  const { promoteSeconds } = cluster.timings;
  const start = clock.monotonicMillis();
  const { step, write } = deferredSteps(context, 'promote');
  const left = (): number => Math.max(1, start + promoteSeconds * 1_000 - clock.monotonicMillis());
  try {
    await makeRestoreDirectory(context.runner, cluster.postgres, paths.restoreDirectory);
    await setHurry(paths.restoreDirectory, 'promoting', promoteSeconds);
    const suspending = step('promote', () => promote(context, step, left));
    const suspended = await suspending;
    const promoted = secondsSince(context, start);
    const timeline = await step(
      'write-epoch-row',
      () => writeRow(context, lease, left),
      (it) => `timeline ${it}`,
    );
    const total = secondsSince(context, start);
    return {
      timeline,
      suspendedSynchronous: suspended,
      seconds: { promote: promoted, write: total - promoted, total },
    };
  } finally {
    await endHurry(paths.restoreDirectory);
    void write();
  }
}

/** Until the server is out of recovery and waits for no standby. Returns what was suspended. */
async function promote(context: HandOverContext, step: RunStep, left: () => number): Promise<string | null> {
  const { session } = context;
  const asked = rowOf(context, await requestPromotion(session, left()));
  const [suspended] = await Promise.all([
    asked.synchronous === ''
      ? null
      : step(
          'suspend-synchronous',
          () => suspend(context, left),
          (names) => names ?? 'not set',
        ),
    untilOutOfRecovery(context, left),
  ]);
  return suspended;
}

/** Until the server itself says so: the gate opens after this, and no client's commit may wait for a standby that is not there. */
async function suspend(context: HandOverContext, left: () => number): Promise<string | null> {
  const names = await suspendSynchronous(context);
  for (;;) {
    if ((await isSuspended(context.session, left())) === true) return names;
    if (left() <= 1) throw notSuspended(context.node.name);
    await context.clock.wait(POLL_MS);
  }
}

/** A receiver that is stopped by a signal holds the promotion up for ever, so it is ended beside it. */
async function untilOutOfRecovery(context: HandOverContext, left: () => number): Promise<void> {
  const { clock, cluster, node, session } = context;
  const postmaster = postmasterOf(await processesOf(cluster.postgres.dataDirectory));
  const urge = postmaster === null ? null : urgeReplay(postmaster.pid);
  for (;;) {
    const recovering = await isInRecovery(session, left());
    if (recovering === false) return;
    if (left() <= 1)
      throw new PrimacyError(
        'timeout',
        `cannot promote ${node.name}: still in recovery after ${cluster.timings.promoteSeconds} s`,
        { retryable: true },
      );
    urge?.again(false);
    await clock.wait(POLL_MS);
  }
}

async function writeRow(context: HandOverContext, lease: LeaseId, left: () => number): Promise<TimelineId> {
  const row = { uuid: lease.uuid, node: context.node.name, epoch: lease.epoch };
  return parseTimelineId(rowOf(context, await writeEpochRow(context.session, row, left())).timeline);
}

function rowOf<Row>(context: HandOverContext, outcome: SqlOutcome<Row>): Row {
  const row = outcome.kind === 'rows' ? outcome.rows[0] : undefined;
  if (row !== undefined) return row;
  const reason = outcome.kind === 'failed' ? outcome.failure.detail : 'the server gave no row';
  throw new PrimacyError('command-failed', `cannot promote ${context.node.name}: ${reason}`, {
    retryable: true,
  });
}
