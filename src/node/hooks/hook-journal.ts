/** Writes what became of hooks into the node's journal, in order, and awaited by nobody: a disk that hangs holds up nothing else. */
import type { HookEvent } from '../../core/model/hook.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import type { Clock } from '../../world/clock.ts';
import type { JournalEntry, NodeJournal } from '../../world/files/node-journal.ts';
import type { Log } from '../log.ts';

/** Entries that wait for a disk that hangs; what comes then is in the log alone. */
export const HOOK_JOURNAL_LIMIT = 64;

export type WriteHookEntry = (
  step: HookEvent,
  event: JournalEntry['event'],
  detail: Readonly<Record<string, unknown>>,
) => void;

export function createHookJournal(parts: {
  readonly clock: Clock;
  readonly journal: NodeJournal;
  readonly log: Log;
}): WriteHookEntry {
  const { clock, journal, log } = parts;
  let written: Promise<void> = Promise.resolve();
  let waiting = 0;
  const lost = (error: unknown): void => log.error({ error: errorText(error) }, 'cannot write the journal');
  return (step, event, detail) => {
    if (waiting >= HOOK_JOURNAL_LIMIT) {
      lost(`${waiting} entries about hooks are waiting already`);
      return;
    }
    waiting += 1;
    const at = clock.wallMillis();
    const entry = { at, remediation: null, procedure: 'hook', step, event, detail: JSON.stringify(detail) };
    written = written
      .then(() => journal.append(entry))
      .catch(lost)
      .finally(() => {
        waiting -= 1;
      });
  };
}
