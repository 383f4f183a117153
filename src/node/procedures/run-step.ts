/** One step of a procedure, journaled before and after, so that a crash leaves a trace of what may have happened. */
import type { RemediationId } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import type { ProcedureContext } from './context.ts';

export type Procedure =
  | 'release-vip'
  | 'fence'
  | 'unfence'
  | 'account'
  | 'rejoin'
  | 'join'
  | 'follow'
  | 'start'
  | 'stop'
  | 'prove-death'
  | 'rescue'
  | 'promote'
  | 'keep-slots'
  | 'adopt'
  | 'unadopt';

/** Runs one step by name; the value is the step's, `describe` puts it into words for the journal. */
export type RunStep = <T>(step: string, act: () => Promise<T>, describe?: (value: T) => string) => Promise<T>;

/** The step runner of one procedure under one order, null where a person asked. A failing step is journaled and its error passed on. */
export function stepsOf(
  context: Pick<ProcedureContext, 'journal' | 'clock'>,
  procedure: Procedure,
  order: { readonly remediation: RemediationId | null },
): RunStep {
  const append = (step: string, event: 'intent' | 'done' | 'failed', detail: string): Promise<void> =>
    context.journal.append({
      at: context.clock.wallMillis(),
      remediation: order.remediation,
      procedure,
      step,
      event,
      detail,
    });
  return async (step, act, describe = () => '') => {
    await append(step, 'intent', '');
    try {
      const value = await act();
      await append(step, 'done', describe(value));
      return value;
    } catch (error) {
      await append(step, 'failed', errorText(error));
      throw error;
    }
  };
}

/** Seconds since a moment of the monotonic clock. */
export function secondsSince(context: ProcedureContext, startMillis: number): number {
  return (context.clock.monotonicMillis() - startMillis) / 1_000;
}
