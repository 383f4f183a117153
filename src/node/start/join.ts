/** Makes this node a verified standby of the lease's holder, by the least that is needed, and never without an account of what it discards. */
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';

export interface JoinOptions {
  readonly policy: JoinPolicy;
}

/**
 * Takes the node lock itself; `context.lockDescriptors` is empty. Whatever state the server is in: a running standby is pointed at the
 * holder where its history allows, anything else is stopped, counted, made right, started and verified by a row. The marker `lease-lost`
 * is lifted at the end. Ends with an outcome; throws PrimacyError where a step's end could not be seen: the caller may call it again.
 */
export function joinAsStandby(
  context: ProcedureContext,
  _holder: NodeName,
  _options: JoinOptions,
): Promise<JoinOutcome> {
  return Promise.reject(new PrimacyError('refused', `cannot join ${context.node.name}: not built yet`));
}
