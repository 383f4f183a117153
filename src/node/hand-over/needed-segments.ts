/** Which segments a standby lacks of a dead primary's chain. Pure. */
import { branchBegin, timelineAt, type Branch } from '../../core/divergence/branch.ts';
import {
  segmentBegin,
  segmentFileName,
  segmentNumber,
  WAL_PAGE_BYTES,
} from '../../core/divergence/wal-position.ts';
import type { Lsn } from '../../core/model/lsn.ts';

export interface NeededSegment {
  readonly name: string;
  /** So many bytes of it were received, in whole pages: they lie in the own `pg_wal`. */
  readonly received: number;
  /** A standby that has replayed up to here needs it no more. */
  readonly end: Lsn;
}

/** Where a standby's own WAL ends: what it replayed, and how far `pg_wal` has what it received. */
export interface Possession {
  readonly replay: Lsn | null;
  readonly receive: Lsn | null;
}

/**
 * None where all was received. In order, from the segment where the standby's own WAL ends, to the one with the last byte before `to`.
 * Each under the newest timeline that had begun in it: such a file begins with a copy of its parent's.
 */
export function neededSegments(
  branch: Branch,
  { replay, receive }: Possession,
  to: Lsn,
  segmentBytes: number,
): readonly NeededSegment[] {
  const segments: NeededSegment[] = [];
  const begin = branchBegin(branch);
  // What was replayed beyond the received came from an archive, and where it lies is PostgreSQL's own business.
  const isReceived = receive !== null && receive >= (replay ?? 0n) && receive > begin;
  const from = isReceived ? receive : (replay ?? (0n as Lsn));
  for (
    let number = segmentNumber(from, segmentBytes);
    segmentBegin(number, segmentBytes) < to;
    number += 1n
  ) {
    const end = segmentBegin(number + 1n, segmentBytes);
    const last = ((end < to ? end : to) - 1n) as Lsn;
    const timeline = timelineAt(branch, last);
    const pages = from - (from % WAL_PAGE_BYTES) - segmentBegin(number, segmentBytes);
    const received = isReceived && timeline === branch.timeline && pages > 0n ? Number(pages) : 0;
    segments.push({ name: segmentFileName(timeline, number, segmentBytes), received, end });
  }
  return segments;
}
