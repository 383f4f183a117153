/** Journals the steps of what must be fast: the entries are kept, and written once the hurry is over. */
import { errorText } from '../../core/model/primacy-error.ts';
import type { JournalEntry } from '../../world/files/node-journal.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import type { Procedure, RunStep } from '../procedures/run-step.ts';

export interface DeferredSteps {
  readonly step: RunStep;
  /** Writes what was kept, in order. Never rejects: a full disk must not undo a failover; its error is the journal's loss. */
  readonly write: () => Promise<void>;
}

/** As `stepsOf`, for work that no remediation ordered; a crash before `write` loses the entries. */
export function deferredSteps(context: ProcedureContext, procedure: Procedure): DeferredSteps {
  const kept: JournalEntry[] = [];
  const keep = (step: string, event: JournalEntry['event'], detail: string): void => {
    kept.push({ at: context.clock.wallMillis(), remediation: null, procedure, step, event, detail });
  };
  return {
    step: async (step, act, describe = () => '') => {
      keep(step, 'intent', '');
      try {
        const value = await act();
        keep(step, 'done', describe(value));
        return value;
      } catch (error) {
        keep(step, 'failed', errorText(error));
        throw error;
      }
    },
    write: async () => {
      try {
        for (const entry of kept.splice(0)) await context.journal.append(entry);
      } catch (error) {
        process.stderr.write(`cannot write the journal of ${context.node.name}: ${errorText(error)}\n`);
      }
    },
  };
}
