/** The marker that a node sets on itself when its lease ended: it stands while data are made right, and is lifted by the node itself. */
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import { removeFenceMarker, writeFenceMarker } from '../../world/files/fence-marker.ts';
import type { Order, ProcedureContext } from '../procedures/context.ts';
import { readMarker } from '../procedures/preconditions.ts';
import type { RunStep } from '../procedures/run-step.ts';

/** Sets or renews the node's own marker; `fenced` only where PostgreSQL was seen down. It never replaces anybody else's. */
export async function setMarker(
  context: ProcedureContext,
  order: Order,
  reason: string,
  state: FenceMarker['state'],
): Promise<void> {
  const setAt = context.clock.wallMillis();
  await writeFenceMarker(context.paths.fenceMarker, { state, reason, setAt, ...order });
}

/** Lifts the marker `lease-lost` and no other. */
export async function clearLeaseLost(context: ProcedureContext, step: RunStep): Promise<void> {
  if ((await readMarker(context))?.reason !== LEASE_LOST) return;
  await step('start-keepalived', () => context.vip.startKeepalivedAgain());
  await step('lift-marker', () => removeFenceMarker(context.paths.fenceMarker));
}
