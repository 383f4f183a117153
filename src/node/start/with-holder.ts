/** Opens the lease's holder for a procedure, and keeps "the holder is not there" apart from whatever goes wrong afterwards. */
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { withSurvivor, type Survivor } from '../procedures/survivor-session.ts';

export type WithHolder<T> =
  | { readonly kind: 'done'; readonly value: T }
  /** It does not answer as a writable primary of this cluster, so nothing was begun. */
  | { readonly kind: 'not-writable'; readonly reason: string };

/** Runs `act` with a session to the holder; its errors are passed on. */
export async function withHolder<T>(
  context: ProcedureContext,
  holder: NodeName,
  act: (survivor: Survivor) => Promise<T>,
): Promise<WithHolder<T>> {
  let opened = false;
  try {
    const value = await withSurvivor(context, holder, (survivor) => {
      opened = true;
      return act(survivor);
    });
    return { kind: 'done', value };
  } catch (error) {
    if (opened || !(error instanceof PrimacyError)) throw error;
    return { kind: 'not-writable', reason: error.message };
  }
}
