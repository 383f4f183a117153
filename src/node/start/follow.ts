/** Points a running standby at the lease holder's own address, where its history allows, and verifies that it follows. */
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from '../procedures/context.ts';

export type FollowOutcome =
  /** `already`: it streamed from that address before. */
  | { readonly kind: 'following'; readonly how: 'already' | 'reload' }
  /** Nothing was changed: a join has to decide. */
  | { readonly kind: 'join-needed'; readonly reason: string };

/** Takes the node lock. Throws `locked` where a procedure runs, `unreachable` where holder or server do not answer. */
export function follow(context: ProcedureContext, _holder: NodeName): Promise<FollowOutcome> {
  return Promise.reject(
    new PrimacyError('refused', `cannot follow from ${context.node.name}: not built yet`),
  );
}
