/** One criterion's verdict, and how verdicts on parts become one: a failure outweighs an unknown, an unknown outweighs a pass. */
import type { Known } from '../model/known.ts';

export interface Verdict {
  readonly state: 'pass' | 'fail' | 'unknown';
  /** One sentence without full stop. */
  readonly reason: string;
}

export function pass(reason: string): Verdict {
  return { state: 'pass', reason };
}

export function fail(reason: string): Verdict {
  return { state: 'fail', reason };
}

/** Judges a value that was seen; one that was not is an unknown verdict with its reason. */
export function judge<T>(evidence: Known<T>, of: (value: T) => Verdict): Verdict {
  return evidence.kind === 'known' ? of(evidence.value) : { state: 'unknown', reason: evidence.reason };
}

/** All parts together: the first that fails, else the first that is unknown, else a pass with all reasons. */
export function allOf(parts: readonly Verdict[]): Verdict {
  const failed = parts.find((it) => it.state === 'fail') ?? parts.find((it) => it.state === 'unknown');
  return failed ?? pass(parts.map((it) => it.reason).join(', '));
}
