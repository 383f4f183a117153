/** The order under which a node acts by itself: named so that it can be told from a remediation, with the fence number it obeys. */
import type { FenceNumber, RemediationId } from '../../core/model/names.ts';
import { greatestFenceNumber } from '../../world/files/fence-number.ts';
import type { Order, ProcedureContext } from '../procedures/context.ts';

const PREFIX = 'join-';

/** A new name each time. Throws `refused` where the fence number cannot be read. */
export async function orderOfJoin(context: ProcedureContext): Promise<Order> {
  const fenceNumber = (await greatestFenceNumber(context.paths.fenceNumber)) ?? 0;
  return {
    remediation: `${PREFIX}${context.clock.wallMillis()}` as RemediationId,
    fenceNumber: fenceNumber as FenceNumber,
  };
}

/** Whether that work was a node's own, which it may go on with after it was interrupted. */
export function isOwnJoin(remediation: RemediationId): boolean {
  return remediation.startsWith(PREFIX);
}
