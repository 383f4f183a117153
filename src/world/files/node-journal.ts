/** The node's own journal: one JSON line per moment of a procedure, on disk before the next thing happens. */
import { open } from 'node:fs/promises';
import type { EpochMillis, RemediationId } from '../../core/model/names.ts';

export interface JournalEntry {
  readonly at: EpochMillis;
  readonly remediation: RemediationId | null;
  readonly procedure: string;
  readonly step: string;
  readonly event: 'intent' | 'done' | 'failed';
  readonly detail: string;
}

export interface NodeJournal {
  /** When it resolves, the entry survives a loss of power. */
  readonly append: (entry: JournalEntry) => Promise<void>;
}

/** The journal in one file. Lines are appended whole; an unfinished last line is what a crash may leave. */
export function fileJournal(path: string): NodeJournal {
  return {
    append: async (entry) => {
      const file = await open(path, 'a', 0o600);
      try {
        await file.appendFile(`${JSON.stringify(entry)}\n`);
        await file.datasync();
      } finally {
        await file.close();
      }
    },
  };
}
