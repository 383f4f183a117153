/** Sees to it that the VIP is not on this node: the gate is closed, and where the address is here, it is taken away. */
import { errorText } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import type { RunStep } from '../procedures/run-step.ts';
import { takeVipAway } from '../procedures/take-vip-away.ts';

/** Null once it is proven gone; else why not. */
export async function takeVipAwayUnlessGone(
  context: ProcedureContext,
  step: RunStep,
): Promise<string | null> {
  await context.vip.closeGate();
  const seen = await context.vip.read();
  if (seen.kind === 'known' && !seen.value.present) return null;
  try {
    await takeVipAway(context, step);
    return null;
  } catch (error) {
    return errorText(error);
  }
}
