/** Which segments a standby lacks of a dead primary's chain. Pure. */
import { timelineAt, type Branch } from '../../core/divergence/branch.ts';
import { segmentBegin, segmentFileName, segmentNumber } from '../../core/divergence/wal-position.ts';
import type { Lsn } from '../../core/model/lsn.ts';

export interface NeededSegment {
  readonly name: string;
  /** A standby that has replayed up to here needs it no more. */
  readonly end: Lsn;
}

/**
 * In order, from the segment that holds `from`, which the standby has in part, to the one with the last byte before `to`. Each under the
 * newest timeline that had begun in it: such a file begins with a copy of its parent's.
 */
export function neededSegments(
  branch: Branch,
  from: Lsn,
  to: Lsn,
  segmentBytes: number,
): readonly NeededSegment[] {
  const segments: NeededSegment[] = [];
  for (
    let number = segmentNumber(from, segmentBytes);
    segmentBegin(number, segmentBytes) < to;
    number += 1n
  ) {
    const end = segmentBegin(number + 1n, segmentBytes);
    const last = ((end < to ? end : to) - 1n) as Lsn;
    segments.push({ name: segmentFileName(timelineAt(branch, last), number, segmentBytes), end });
  }
  return segments;
}
