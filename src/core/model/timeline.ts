/** Timelines and their history files: which branch of WAL a node is on, and where that branch left its parents. */
import { formatLsn, parseLsn, type Lsn } from './lsn.ts';
import { PrimacyError } from './primacy-error.ts';

/** Number of a branch of the WAL. Equal numbers do not prove equal histories (facts: two nodes can both be on 2). */
export type TimelineId = number & { readonly __brand: 'TimelineId' };

/** One line of a history file: `timeline` ended at `switchLsn`, and the next one began there. */
export interface HistoryEntry {
  readonly timeline: TimelineId;
  readonly switchLsn: Lsn;
}

/** Reads a timeline id. Throws `output-invalid` unless it is a whole number from 1 to 2^32-1. */
export function parseTimelineId(text: string | number): TimelineId {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 0xffffffff) {
    throw new PrimacyError(
      'output-invalid',
      `cannot read timeline: expected 1 to 4294967295, got ${JSON.stringify(text)}`,
    );
  }
  return value as TimelineId;
}

/**
 * Reads the text of `NNNNNNNN.history` (PostgreSQL manual, section 26.3.5 "Timelines"); empty text is the history of timeline 1.
 * Throws `output-invalid` on a line that is neither empty, a comment, nor `timeline TAB lsn [TAB reason]`.
 */
export function parseHistory(text: string): readonly HistoryEntry[] {
  const entries: HistoryEntry[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const [timeline, lsn] = trimmed.split(/\s+/);
    if (timeline === undefined || lsn === undefined) {
      throw new PrimacyError(
        'output-invalid',
        `cannot read history file: expected "timeline lsn", got ${JSON.stringify(line)}`,
      );
    }
    entries.push({ timeline: parseTimelineId(timeline), switchLsn: parseLsn(lsn) });
  }
  return entries;
}

/** One line for people: `1 until 0/3000000, then 2`. */
export function describeHistory(timeline: TimelineId, history: readonly HistoryEntry[]): string {
  const parents = history
    .map((entry) => `${entry.timeline} until ${formatLsn(entry.switchLsn)}, then `)
    .join('');
  return `${parents}${timeline}`;
}
