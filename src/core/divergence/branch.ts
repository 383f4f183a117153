/** A node's whole path through the WAL: which timeline covers which positions, from its first to its own. */
import type { Lsn } from '../model/lsn.ts';
import { PrimacyError } from '../model/primacy-error.ts';
import type { HistoryEntry, TimelineId } from '../model/timeline.ts';

/** The last timeline and its parents, oldest first, as in the history file. */
export interface Branch {
  readonly timeline: TimelineId;
  readonly history: readonly HistoryEntry[];
}

/** The positions from `begin` up to, not including, `end` are written on `timeline`; the last stretch has no end. */
export interface Stretch {
  readonly timeline: TimelineId;
  readonly begin: Lsn;
  readonly end: Lsn | null;
}

/** The path as stretches without gap. Throws `output-invalid` where the history goes backwards or names its own timeline as a parent. */
export function stretchesOf(branch: Branch): readonly Stretch[] {
  const stretches: Stretch[] = [];
  let begin = 0n as Lsn;
  let previous = 0;
  for (const entry of branch.history) {
    if (entry.switchLsn < begin || entry.timeline <= previous || entry.timeline >= branch.timeline)
      throw new PrimacyError(
        'output-invalid',
        `cannot use history of timeline ${branch.timeline}: its lines are not in ascending order`,
      );
    stretches.push({ timeline: entry.timeline, begin, end: entry.switchLsn });
    begin = entry.switchLsn;
    previous = entry.timeline;
  }
  return [...stretches, { timeline: branch.timeline, begin, end: null }];
}

/** Where the last timeline of the branch begins. */
export function branchBegin(branch: Branch): Lsn {
  return branch.history.at(-1)?.switchLsn ?? (0n as Lsn);
}

/** The timeline whose file holds that position: the newest that had begun there or before. */
export function timelineAt(branch: Branch, lsn: Lsn): TimelineId {
  const holder = stretchesOf(branch).findLast((stretch) => stretch.begin <= lsn);
  return holder?.timeline ?? branch.timeline;
}
