/** How a standby compares with another one: by position on one history alone, because positions of two branches tell nothing of each other. */
import { compareCandidates, type Candidate } from './choose-successor.ts';

/** Number and text of a history, as nodes report them. */
export interface Branch {
  readonly timeline: number;
  readonly historyHash: string;
}

/** `cannot-compare`: on two histories, and which of them the last primary wrote is not known, or it is neither. */
export type Standing = 'better' | 'not-better' | 'cannot-compare';

/** Null where one of the two is not known. */
export function branchOf(timeline: number | null, historyHash: string | null): Branch | null {
  return timeline === null || historyHash === null ? null : { timeline, historyHash };
}

/**
 * Data of a later epoch are better, whatever else is known: its primary took the place of the other's, and nobody remembers better than the
 * rows themselves (simulation seed -3079452; as the last log term in Raft, section 5.4.1). Of one epoch, or where it is not known:
 *
 * Where both histories are the same, or one is not known, the greater position is better, then priority, then name. A rival that left the
 * history of the last primary is none, however far it wrote: what it has in common with that one ends where they part, and F5 keeps it from
 * being promoted. `last`: the history of the last primary; null = not known.
 */
export function standingOf(
  rival: Candidate,
  me: Candidate,
  mine: Branch | null,
  last: Branch | null,
): Standing {
  const [older, newer] = [me.server?.dataEpoch ?? null, rival.server?.dataEpoch ?? null];
  if (older !== null && newer !== null && older !== newer) return newer > older ? 'better' : 'not-better';
  const theirs = branchOf(rival.server?.timeline ?? null, rival.server?.historyHash ?? null);
  if (mine === null || theirs === null || isSame(mine, theirs))
    return compareCandidates(rival, me) < 0 ? 'better' : 'not-better';
  if (last === null) return 'cannot-compare';
  if (isSame(mine, last)) return 'not-better';
  return isSame(theirs, last) ? 'better' : 'cannot-compare';
}

function isSame(a: Branch, b: Branch): boolean {
  return a.timeline === b.timeline && a.historyHash === b.historyHash;
}
