/** Where two nodes' histories part, judged by switch points and never by timeline numbers alone. */
import type { Lsn } from '../model/lsn.ts';
import { stretchesOf, type Branch } from './branch.ts';

/**
 * `parted`: from `at` on the two wrote different WAL, if they wrote any.
 * `same`: numbers and switch points are equal. That does not prove one history: two standbys promoted at the same position, or a
 * standby started without its signal, look the same, so the WAL itself has to be compared from `begin` on.
 */
export type BranchComparison =
  { readonly kind: 'parted'; readonly at: Lsn } | { readonly kind: 'same'; readonly begin: Lsn };

/** Compares stretch by stretch: the first that differs in timeline or end is where they part. Symmetric. */
export function compareBranches(one: Branch, other: Branch): BranchComparison {
  const left = stretchesOf(one);
  const right = stretchesOf(other);
  let begin = 0n as Lsn;
  for (const [index, mine] of left.entries()) {
    const yours = right[index];
    if (yours === undefined || mine.timeline !== yours.timeline) return { kind: 'parted', at: begin };
    if (mine.end !== yours.end) return { kind: 'parted', at: earlier(mine.end, yours.end) };
    begin = mine.end ?? mine.begin;
  }
  return { kind: 'same', begin };
}

/** The earlier of two ends, where null is "never ended"; not both are null. */
function earlier(a: Lsn | null, b: Lsn | null): Lsn {
  if (a === null) return b ?? (0n as Lsn);
  if (b === null) return a;
  return a < b ? a : b;
}
