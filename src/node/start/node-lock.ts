/** One procedure at a time on this node: runs an act under the node lock, or says who has it. */
import { takeNodeLock } from '../../world/files/node-lock.ts';
import type { ProcedureContext } from '../procedures/context.ts';

/** Throws `locked` at once where another procedure runs; the lock is given back however the act ends. */
export async function underNodeLock<T>(
  context: ProcedureContext,
  purpose: string,
  act: (locked: ProcedureContext) => Promise<T>,
): Promise<T> {
  const lock = takeNodeLock(context.paths.nodeLock, purpose);
  try {
    return await act({ ...context, lockDescriptors: [lock.descriptor] });
  } finally {
    lock.release();
  }
}
