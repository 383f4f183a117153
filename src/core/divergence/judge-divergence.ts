/** How one server's history stands to another's: the typed answer behind following, accounting, findings and alerts. */
import type { Lsn } from '../model/lsn.ts';
import { formatLsn } from '../model/lsn.ts';
import type { SystemIdentifier } from '../model/names.ts';
import type { TimelineId } from '../model/timeline.ts';
import { stretchesOf, type Branch } from './branch.ts';
import { compareBranches } from './compare-branches.ts';

export interface ServerHistory {
  readonly systemIdentifier: SystemIdentifier;
  readonly branch: Branch;
  /** End of the WAL that this server has. */
  readonly endLsn: Lsn;
  /**
   * Hash of the bytes with which its last timeline begins; null where they were not seen. They hold the moment of the promotion, so they
   * tell two promotions at one position apart, whose history files are the same (facts.md section 6).
   */
  readonly beginning: string | null;
}

/** What two histories that have parted look like. */
export type ForkShape =
  /** One still wrote on a timeline that the other had left: an old primary, one generation or several back. */
  | 'left-behind'
  /** Each has a timeline of its own since then, under different numbers. */
  | 'different-numbers'
  /** The same number on both, begun at different positions. */
  | 'same-number'
  /** The same number, begun at the same position by two promotions. */
  | 'same-switch-point';

export type Divergence =
  | {
      readonly kind: 'foreign-system';
      readonly own: SystemIdentifier;
      readonly theirs: SystemIdentifier;
    }
  /** All WAL of the first is part of the other's history: it is merely behind, or at the same place. */
  | { readonly kind: 'behind'; readonly ancestor: TimelineId; readonly at: Lsn }
  /** The reverse: the first has WAL on top of all that the other has. */
  | { readonly kind: 'ahead'; readonly ancestor: TimelineId; readonly at: Lsn }
  /** Up to `at`, on timeline `ancestor` or its parents, they are one; both wrote on from there. */
  | {
      readonly kind: 'forked';
      readonly shape: ForkShape;
      readonly ancestor: TimelineId | null;
      readonly at: Lsn;
    }
  /**
   * Numbers and switch points are equal. `sameBeginning`: the last timeline is proven to come from one promotion, so it can have parted
   * later only where two servers wrote on it without one. What was written since `begin` decides.
   */
  | { readonly kind: 'undecided'; readonly sameBeginning: boolean; readonly begin: Lsn };

/** Judges by system identifier, ancestors, switch points and beginnings; a timeline's number alone decides nothing. */
export function judgeDivergence(own: ServerHistory, theirs: ServerHistory): Divergence {
  if (own.systemIdentifier !== theirs.systemIdentifier)
    return { kind: 'foreign-system', own: own.systemIdentifier, theirs: theirs.systemIdentifier };
  const comparison = compareBranches(own.branch, theirs.branch);
  if (comparison.kind === 'same') return judgeBeginnings(own, theirs, comparison.begin);
  const { at } = comparison;
  const ancestor = ancestorBefore(own.branch, at);
  if (ancestor !== null && own.endLsn <= at) return { kind: 'behind', ancestor, at };
  if (ancestor !== null && theirs.endLsn <= at) return { kind: 'ahead', ancestor, at };
  return { kind: 'forked', shape: shapeOf(own.branch, theirs.branch, ancestor), ancestor, at };
}

function judgeBeginnings(own: ServerHistory, theirs: ServerHistory, begin: Lsn): Divergence {
  const seen = own.beginning !== null && theirs.beginning !== null;
  if (seen && own.beginning !== theirs.beginning)
    return {
      kind: 'forked',
      shape: 'same-switch-point',
      ancestor: ancestorBefore(own.branch, begin),
      at: begin,
    };
  return { kind: 'undecided', sameBeginning: seen, begin };
}

/** The timeline that holds the last byte before that position; null at position 0, where nothing is common. */
function ancestorBefore(branch: Branch, at: Lsn): TimelineId | null {
  if (at === 0n) return null;
  return stretchesOf(branch).findLast((stretch) => stretch.begin < at)?.timeline ?? null;
}

function shapeOf(own: Branch, theirs: Branch, ancestor: TimelineId | null): ForkShape {
  if (own.timeline === theirs.timeline) return 'same-number';
  return own.timeline === ancestor || theirs.timeline === ancestor ? 'left-behind' : 'different-numbers';
}

const SHAPES: Readonly<Record<ForkShape, string>> = {
  'left-behind': 'one wrote on where the other had left the timeline',
  'different-numbers': 'each has a timeline of its own since then',
  'same-number': 'both count the same timeline, begun at different positions',
  'same-switch-point': 'both count the same timeline, begun at the same position by two promotions',
};

/** One sentence for people, without full stop. */
export function describeDivergence(divergence: Divergence): string {
  switch (divergence.kind) {
    case 'foreign-system':
      return `they come from two different initdb: ${divergence.own} and ${divergence.theirs}`;
    case 'behind':
    case 'ahead':
      return `one history, common up to ${formatLsn(divergence.at)} on timeline ${divergence.ancestor}`;
    case 'forked':
      return `parted at ${formatLsn(divergence.at)} on timeline ${divergence.ancestor ?? 'none'}: ${SHAPES[divergence.shape]}`;
    case 'undecided':
      return `the same history up to ${formatLsn(divergence.begin)}; what was written since then decides`;
  }
}
