/** Points a running standby at the lease holder's own address, where its history allows, and verifies that it follows. */
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { stepsOf } from '../procedures/run-step.ts';
import { followRunning, type RunningOutcome } from './follow-running.ts';
import { orderOfJoin } from './join-order.ts';
import { underNodeLock } from './node-lock.ts';
import { withHolder } from './with-holder.ts';

/** `already`: it streamed from that address before. `join-needed`: nothing was changed, a join has to decide. */
export type FollowOutcome = RunningOutcome;

/**
 * Takes the node lock. Throws `locked` where a procedure runs, `unreachable` where the own server does not answer or the holder does not
 * answer as a writable primary.
 */
export function follow(context: ProcedureContext, holder: NodeName): Promise<FollowOutcome> {
  return underNodeLock(context, 'follow', async (locked) => {
    const step = stepsOf(locked, 'follow', await orderOfJoin(locked));
    const outcome = await withHolder(locked, holder, (survivor) => followRunning(locked, survivor, step));
    if (outcome.kind === 'done') return outcome.value;
    throw new PrimacyError('unreachable', `cannot follow ${holder}: ${outcome.reason}`, { retryable: true });
  });
}
