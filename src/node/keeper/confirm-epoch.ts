/** Sees to it that the epoch row of the lease is committed on this primary: before that the gate stays shut. */
import type { LeaseId } from '../../core/lease/lease.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeEpochRow } from '../../world/postgres/promote.ts';
import type { Done, KeeperContext } from './context.ts';

/** Writes it where it is missing, which is after a first lease, and where an agent ended between promotion and row. Throws `command-failed`. */
export async function confirmEpoch(context: KeeperContext, lease: LeaseId): Promise<Done> {
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
