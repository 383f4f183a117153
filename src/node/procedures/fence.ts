/** Fences this node: marker, gate, VIP, PostgreSQL, each proven before the next, so that it cannot accept a write any more. */
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import { removeDurably } from '../../world/files/atomic-write.ts';
import { removeFenceMarker, writeFenceMarker } from '../../world/files/fence-marker.ts';
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import type { FenceReport, UnfenceReport } from '../../world/remote/protocol.ts';
import type { Order, ProcedureContext } from './context.ts';
import { readManifest, readMarker, refuseHalfMadeData } from './preconditions.ts';
import { secondsSince, stepsOf } from './run-step.ts';
import { endPostgres, provePostgresDown } from './stop-postgres.ts';
import { takeVipAway } from './take-vip-away.ts';

/**
 * Works with agent and keepalived dead or stopped. The marker comes first, because a living agent would reopen the gate; the VIP goes
 * before PostgreSQL, because the address may already be served elsewhere. Calling it again, at any point, ends the same.
 */
export async function fence(
  context: ProcedureContext,
  order: Order & { readonly reason: string },
): Promise<FenceReport> {
  await acceptFenceNumber(context.paths.fenceNumber, order.fenceNumber);
  const start = context.clock.monotonicMillis();
  const step = stepsOf(context, 'fence', order);
  const marker: FenceMarker = {
    state: 'fencing',
    reason: order.reason,
    remediation: order.remediation,
    fenceNumber: order.fenceNumber,
    setAt: context.clock.wallMillis(),
  };
  await step('set-marker', () => writeFenceMarker(context.paths.fenceMarker, marker));
  await forgetFinishedRejoin(context);
  const vip = await takeVipAway(context, step).catch(async (error: unknown) => {
    // A VIP that stays is no reason to let the server write on; the fence is not proven all the same.
    await endPostgres(context, step);
    throw error;
  });
  const postgres = await endPostgres(context, step);
  await step(
    'prove-postgres-down',
    () => provePostgresDown(context),
    (state) => state,
  );
  await step('mark-fenced', () =>
    writeFenceMarker(context.paths.fenceMarker, { ...marker, state: 'fenced' }),
  );
  return { vip, postgres, seconds: secondsSince(context, start) };
}

/** A rejoin that ended before this fence must not be taken for the end of the next one. */
async function forgetFinishedRejoin(context: ProcedureContext): Promise<void> {
  const manifest = await readManifest(context);
  if (manifest?.phase === 'verified') await removeDurably(context.paths.rejoinManifest);
}

/**
 * Lifts the marker and starts keepalived again where fencing stopped it; PostgreSQL stays as it is. Throws `refused` while a rejoin
 * is half done: its data directory must not be started by anybody.
 */
export async function unfence(context: ProcedureContext, order: Order): Promise<UnfenceReport> {
  await acceptFenceNumber(context.paths.fenceNumber, order.fenceNumber);
  await refuseHalfMadeData(context);
  const step = stepsOf(context, 'unfence', order);
  const wasFenced = (await readMarker(context)) !== null;
  await step('start-keepalived', () => context.vip.startKeepalivedAgain());
  await step('lift-marker', () => removeFenceMarker(context.paths.fenceMarker));
  return { wasFenced };
}
