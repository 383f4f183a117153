/** Sees to it that the epoch row of the lease is committed on this primary: before that the gate stays shut. */
import { streamingMembers } from '../../core/guard/decide-synchronous.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { parseSynchronousNames } from '../../core/model/synchronous-names.ts';
import { bootMillis, pollUntil } from '../../world/clock.ts';
import { writeEpochRow } from '../../world/postgres/promote.ts';
import { isSuspended, notSuspended, suspendSynchronous } from '../hand-over/synchronous.ts';
import type { Done, KeeperContext } from './context.ts';

const POLL_MS = 10;

/**
 * Writes it where it is missing, which is after a first lease, and where an agent ended between promotion and row: then synchronous
 * replication may not have been suspended either. `isFirst`: a primary that serves already is handed over, and waits for whom it likes.
 * Throws `command-failed`.
 */
export async function confirmEpoch(context: KeeperContext, lease: LeaseId, isFirst: boolean): Promise<Done> {
  if (!isFirst) await suspendWhereItWouldWait(context);
  const { session, node, cluster } = context;
  const row = { uuid: lease.uuid, node: node.name, epoch: lease.epoch };
  const outcome = await writeEpochRow(session, row, cluster.timings.sqlStatementSeconds * 1000);
  if (outcome.kind === 'failed')
    throw new PrimacyError(
      'command-failed',
      `cannot write the epoch row on ${node.name}: ${outcome.failure.detail}`,
      { retryable: true },
    );
  await context.epochWritten(lease);
  return { epoch: lease.epoch };
}

/** The gate is still shut: nobody came in through the VIP since the promotion. */
async function suspendWhereItWouldWait(context: KeeperContext): Promise<void> {
  const { own, cluster, session, node, log } = context;
  const sample = own.sample(bootMillis());
  if (sample.kind === 'unknown' || sample.value.inRecovery) return;
  const { synchronousStandbyNames, senders } = sample.value;
  const names = parseSynchronousNames(synchronousStandbyNames);
  if (names.kind === 'unknown' || names.value === null) return;
  if (streamingMembers(names.value, senders) >= names.value.count) return;
  await suspendSynchronous(context);
  const limitMs = cluster.timings.sqlStatementSeconds * 1000;
  const done = await pollUntil(context.clock, limitMs, POLL_MS, async () =>
    (await isSuspended(session, limitMs)) === true ? true : undefined,
  );
  if (done === undefined) throw notSuspended(node.name);
  log.warn({ names: synchronousStandbyNames }, 'synchronous replication suspended: no standby streams yet');
}
