/** Runs `joinAsStandby` in a process of its own: what the agent calls, whose heap and event loop must not carry a rewind. */
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Identity } from '../identify.ts';
import type { Paths } from '../../config/paths.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';

/** As `joinAsStandby`. The child holds the node lock and goes on where the agent ends; an agent that asks again is told `locked`. */
export function joinApart(
  identity: Identity,
  _paths: Paths,
  _holder: NodeName,
  _policy: JoinPolicy,
): Promise<JoinOutcome> {
  return Promise.reject(new PrimacyError('refused', `cannot join ${identity.node.name}: not built yet`));
}
