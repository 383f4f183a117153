/** Fences this node: marker, gate, VIP, PostgreSQL, each proven before the next, so that it cannot accept a write any more. */
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import { removeDurably } from '../../world/files/atomic-write.ts';
import { removeFenceMarker, writeFenceMarker } from '../../world/files/fence-marker.ts';
import { clearRejoinFailure } from '../../world/files/rejoin-failure.ts';
import { acceptFenceNumber } from '../../world/files/fence-number.ts';
import type { FenceReport, UnfenceReport } from '../../world/remote/protocol.ts';
import { observeLease } from '../observe-lease.ts';
import type { Order, ProcedureContext } from './context.ts';
import { readManifest, readMarker, refusal, refuseHalfMadeData } from './preconditions.ts';
import { secondsSince, stepsOf } from './run-step.ts';
import { endPostgres, provePostgresDown } from './stop-postgres.ts';
import { takeVipAway } from './take-vip-away.ts';

/**
 * Works with agent and keepalived dead or stopped. The marker comes first, because a living agent would reopen the gate; the VIP goes
 * before PostgreSQL, because the address may already be served elsewhere. Calling it again, at any point, ends the same. Throws
 * `refused` before it does anything where this node holds the lease and the reason is a conclusion from looks.
 */
export async function fence(
  context: ProcedureContext,
  order: Order & { readonly reason: string },
): Promise<FenceReport> {
  await refuseHolder(context, order.reason);
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

/** Fences that were concluded from looks at several nodes, which may be older than this node's lease. */
const CONCLUDED: readonly string[] = ['dual-primary', 'primary-without-lease'];

/** Throws `refused`. A person and the node itself may fence a holder; and what is not known here, who asks has looked at. */
async function refuseHolder(context: ProcedureContext, reason: string): Promise<void> {
  if (!CONCLUDED.includes(reason)) return;
  const lease = await observeLease(context.node.name, context.paths);
  if (lease.kind === 'known' && lease.value?.entitled === true)
    throw refusal(context, `it holds the lease of epoch ${lease.value.epoch}`);
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
  // A person has decided what becomes of this node: what failed before is settled by that.
  await clearRejoinFailure(context.paths.rejoinFailure);
  return { wasFenced };
}
