/** The keeper's own fence marker: set when its lease ended under a writable server, lifted when the node is entitled again or follows. */
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import type { FenceNumber } from '../../core/model/names.ts';
import { greatestFenceNumber } from '../../world/files/fence-number.ts';
import { readFenceMarker, removeFenceMarker, writeFenceMarker } from '../../world/files/fence-marker.ts';
import type { ProcedureContext } from '../procedures/context.ts';

/** Never replaces a marker of people or the responder, nor one that cannot be read. */
export async function markLeaseLost(context: ProcedureContext, state: FenceMarker['state']): Promise<void> {
  const { paths, clock } = context;
  const before = await readFenceMarker(paths.fenceMarker);
  if (before.kind === 'unknown') return;
  if (before.value !== null && before.value.reason !== LEASE_LOST) return;
  await writeFenceMarker(paths.fenceMarker, {
    state,
    reason: LEASE_LOST,
    remediation: null,
    fenceNumber: await numberObeyed(paths.fenceNumber),
    setAt: clock.wallMillis(),
  });
}

/** A number that cannot be read must not keep the marker from being set. */
async function numberObeyed(path: string): Promise<FenceNumber> {
  const number = await greatestFenceNumber(path).catch(() => null);
  return (number ?? 0) as FenceNumber;
}

/** Lifts it, and starts keepalived again where a fence had to stop it. */
export async function clearLeaseLost(context: ProcedureContext): Promise<void> {
  const marker = await readFenceMarker(context.paths.fenceMarker);
  if (marker.kind === 'unknown' || marker.value?.reason !== LEASE_LOST) return;
  await context.vip.startKeepalivedAgain();
  await removeFenceMarker(context.paths.fenceMarker);
}
