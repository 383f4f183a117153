/** Arithmetic on WAL pages and segments (PostgreSQL `xlog_internal.h`): file names, and where a record ends. */
import type { Lsn } from '../model/lsn.ts';
import type { TimelineId } from '../model/timeline.ts';

export const WAL_PAGE_BYTES = 8192n;
/** SizeOfXLogShortPHD and SizeOfXLogLongPHD, MAXALIGNed: the long header opens each segment. */
const SHORT_HEADER_BYTES = 24n;
const LONG_HEADER_BYTES = 40n;

/** Number of the segment that holds the byte at `lsn`. */
export function segmentNumber(lsn: Lsn, segmentBytes: number): bigint {
  return lsn / BigInt(segmentBytes);
}

/** First position of a segment. */
export function segmentBegin(number: bigint, segmentBytes: number): Lsn {
  return (number * BigInt(segmentBytes)) as Lsn;
}

/** `TTTTTTTTXXXXXXXXYYYYYYYY`, as PostgreSQL's XLogFileName makes it. */
export function segmentFileName(timeline: TimelineId, number: bigint, segmentBytes: number): string {
  const perLog = 0x1_0000_0000n / BigInt(segmentBytes);
  return [BigInt(timeline), number / perLog, number % perLog].map((part) => hex(part)).join('');
}

/** Name of a timeline's history file. */
export function historyFileName(timeline: TimelineId): string {
  return `${hex(BigInt(timeline))}.history`;
}

/** The number in the name of a history file; null where it is another file's name. */
export function timelineOfHistoryFile(name: string): number | null {
  const digits = /^([0-9A-F]{8})\.history$/.exec(name)?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 16);
}

/**
 * Where the next record can begin: after `lengthBytes` of record data that start at `lsn`, over the headers of the pages it
 * crosses, aligned to 8 bytes. What `pg_waldump` prints as length counts the data alone.
 */
export function recordEnd(lsn: Lsn, lengthBytes: number, segmentBytes: number): Lsn {
  let position: bigint = lsn;
  let left = BigInt(lengthBytes);
  for (;;) {
    const room = WAL_PAGE_BYTES - (position % WAL_PAGE_BYTES);
    if (left <= room) return align(position + left) as Lsn;
    left -= room;
    position += room;
    position += position % BigInt(segmentBytes) === 0n ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES;
  }
}

function align(position: bigint): bigint {
  return (position + 7n) & ~7n;
}

function hex(part: bigint): string {
  return part.toString(16).toUpperCase().padStart(8, '0');
}
