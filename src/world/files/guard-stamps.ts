/** Whether fuse and dead-man script run: each writes the uptime of its last look over the one before. */
import { readFileSync } from 'node:fs';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';

/** The fuse looks ten times a second, the dead-man script once. Later than this, it does not run. */
export const GUARD_SILENCE_MS = { fuse: 1_000, deadMan: 3_500 } as const;

/**
 * True where the stamp is not older than `silenceMs`, by the clock of `bootMillis()`. A missing stamp is a fact; one that cannot be
 * read is unknown. Synchronous: it lies on tmpfs.
 */
export function readGuardStamp(path: string, nowBootMillis: number, silenceMs: number): Known<boolean> {
  let text: string;
  try {
    text = readFileSync(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return known(false);
    return unknown(`cannot read ${path}: ${errorText(error)}`);
  }
  const hundredths = /^(\d{14})\n/.exec(text)?.[1];
  if (hundredths === undefined) return unknown(`cannot read ${path}: expected 14 digits`);
  const ageMs = nowBootMillis - Number(hundredths) * 10;
  // A stamp from the future is of another boot, or forged; the clock's own resolution is 10 ms.
  return known(ageMs <= silenceMs && ageMs >= -100);
}
