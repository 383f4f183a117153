/** Takes the VIP from a node that is not the primary; PostgreSQL is left alone. */
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import type { ReleaseVipReport } from '../../world/remote/protocol.ts';
import type { Order, ProcedureContext } from './context.ts';
import { stepsOf } from './run-step.ts';
import { takeVipAway } from './take-vip-away.ts';

/**
 * Ends with the VIP proven gone and keepalived running again, in FAULT behind the closed gate. The agent keeps the gate closed
 * while the node is no primary; without an agent it stays as written here.
 */
export async function releaseVip(context: ProcedureContext, order: Order): Promise<ReleaseVipReport> {
  await acceptFenceNumber(context.paths.fenceNumber, order.fenceNumber);
  const step = stepsOf(context, 'release-vip', order);
  const report = await takeVipAway(context, step);
  // Also after a call that was killed between stopping it and here: the record of its start stands until then.
  await step('start-keepalived', () => context.vip.startKeepalivedAgain());
  return report;
}
