/** Reads the responder's journal over its page's address, as anybody outside can. */
import { z } from 'zod';

export interface JournalLine {
  /** Milliseconds since 1970, by the clock of this machine: every lab host has the same. */
  readonly at: number;
  readonly event: string;
  readonly step: string | null;
  readonly node: string | null;
  readonly detail: unknown;
}

const HTTP_LIMIT_MS = 5_000;

const journalSchema = z.object({
  entries: z.array(
    z.object({
      at: z.iso.datetime(),
      event: z.string(),
      step: z.string().nullable(),
      node: z.string().nullable(),
      detail: z.unknown(),
    }),
  ),
});

/** All entries from `since` on, oldest first. Throws where the responder does not answer. */
export async function readJournal(
  page: string,
  cluster: string,
  since: number,
): Promise<readonly JournalLine[]> {
  const response = await fetch(`${page}/api/v1/journal?cluster=${encodeURIComponent(cluster)}`, {
    signal: AbortSignal.timeout(HTTP_LIMIT_MS),
  });
  const { entries } = journalSchema.parse(await response.json());
  return entries
    .map((entry) => ({ ...entry, at: Date.parse(entry.at) }))
    .filter((entry) => entry.at >= since)
    .toSorted((a, b) => a.at - b.at);
}

/** Moment of the first entry that fits, null where there is none. */
export function momentOf(
  entries: readonly JournalLine[],
  fits: (entry: JournalLine) => boolean,
): number | null {
  return entries.find(fits)?.at ?? null;
}

/** True for the end of a remediation whose every step was verified. */
export function endedWell(entry: JournalLine): boolean {
  return entry.event === 'remediation-ended' && stateOf(entry) === 'done';
}

/** A sentence where a remediation came to a halt that only a person or a later remediation can end; null otherwise. */
export function haltOf(entry: JournalLine): string | null {
  const halted = ['remediation-waiting', 'remediation-stuck'].includes(entry.event);
  return halted ? `${entry.event}: ${JSON.stringify(entry.detail)}` : null;
}

function stateOf(entry: JournalLine): unknown {
  return (entry.detail as { readonly state?: unknown } | null)?.state;
}
