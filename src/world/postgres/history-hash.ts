/** A short name for a history text, by which nodes compare their branches: equal numbers alone prove nothing. */
import { createHash } from 'node:crypto';

/** sha256 of the history file's full text, first 16 hex digits; timeline 1 has the empty text. */
export function historyHash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
