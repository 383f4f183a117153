/** Makes certain that this node does not have the VIP: the gate first, then the address itself, then keepalived. */
import type { VipObservation } from '../../core/model/observation.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import type { ReleaseVipReport } from '../../world/remote/protocol.ts';
import type { ProcedureContext } from './context.ts';
import { secondsSince, type RunStep } from './run-step.ts';

const POLL_MILLIS = 5;
/** A keepalived that reads the gate lets go within 8 ms (facts.md section 10); a busy machine gets more. */
const GATE_SHARE = 1 / 6;
/** A MASTER that does not read the gate puts a deleted address back within 83 ms at 0.2 s adverts (facts.md section 3). */
const STAYS_GONE_MILLIS = 300;

/**
 * Proves by the kernel's address list that the VIP is gone. Throws `postcondition-missing` where it cannot: then somebody may still
 * be writing through this node.
 */
export async function takeVipAway(context: ProcedureContext, step: RunStep): Promise<ReleaseVipReport> {
  const { vip, cluster } = context;
  const start = context.clock.monotonicMillis();
  const limitMillis = cluster.timings.vipReleaseSeconds * 1_000;
  const before = await vip.read();
  await step('close-gate', () => vip.closeGate());
  let keepalivedStopped = false;
  // What we cannot read we take as present: only a clear "absent" ends this.
  if (!(await isGone(context, vip.keepalivedActs() ? limitMillis * GATE_SHARE : 0))) {
    const removed = vip.keepalivedActs() && (await step('delete-address', () => removedForGood(context)));
    if (!removed) {
      await step('stop-keepalived', () => vip.stopKeepalived());
      keepalivedStopped = true;
      await step('delete-address', () => deleteAddress(context));
    }
  }
  await step('prove-vip-gone', () => proveGone(context, limitMillis));
  const presentBefore = before.kind === 'unknown' || before.value.present;
  return { presentBefore, keepalivedStopped, seconds: secondsSince(context, start) };
}

async function isGone(context: ProcedureContext, limitMillis: number): Promise<boolean> {
  const gone = await pollUntil(context.clock, limitMillis, POLL_MILLIS, async () => {
    const seen = await context.vip.read();
    return seen.kind === 'known' && !seen.value.present ? true : undefined;
  });
  return gone === true;
}

/** Deletes the address and watches whether keepalived puts it back. */
async function removedForGood(context: ProcedureContext): Promise<boolean> {
  await deleteAddress(context);
  const back = await pollUntil(context.clock, STAYS_GONE_MILLIS, POLL_MILLIS, async () => {
    const seen = await context.vip.read();
    return seen.kind === 'unknown' || seen.value.present ? true : undefined;
  });
  return back === undefined;
}

/** Whether it worked is not asked here: the kernel's list decides afterwards. */
async function deleteAddress(context: ProcedureContext): Promise<void> {
  const seen = await context.vip.read();
  const found: VipObservation | null = seen.kind === 'known' ? seen.value : null;
  if (found !== null && !found.present) return;
  await context.vip.removeAddress(found?.interface ?? context.cluster.interface);
}

async function proveGone(context: ProcedureContext, limitMillis: number): Promise<void> {
  if (await isGone(context, limitMillis)) return;
  const seen = await context.vip.read();
  const why = seen.kind === 'unknown' ? seen.reason : `still on ${seen.value.interface ?? 'an interface'}`;
  throw new PrimacyError(
    'postcondition-missing',
    `cannot prove the VIP gone from ${context.node.name}: ${why}`,
    { retryable: true },
  );
}
