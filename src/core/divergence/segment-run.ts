/** Which WAL files of one timeline follow one another without a gap from a position on: what a reader of WAL can be told to read. */
import type { Lsn } from '../model/lsn.ts';
import type { TimelineId } from '../model/timeline.ts';
import { segmentBegin, segmentFileName, segmentNumber } from './wal-position.ts';

export interface SegmentRun {
  /** Names in order; none where the position's own file is not there. */
  readonly files: readonly string[];
  /** The first position that no file holds. */
  readonly end: Lsn;
}

export interface Segments {
  /** The names in the folder. */
  readonly files: ReadonlySet<string>;
  readonly timeline: TimelineId;
  readonly segmentBytes: number;
}

/** The files from the one that holds `start`. */
export function segmentRun({ files, timeline, segmentBytes }: Segments, start: Lsn): SegmentRun {
  const run: string[] = [];
  let number = segmentNumber(start, segmentBytes);
  for (;;) {
    const name = segmentFileName(timeline, number, segmentBytes);
    if (!files.has(name)) return { files: run, end: segmentBegin(number, segmentBytes) };
    run.push(name);
    number += 1n;
  }
}

/**
 * First and last file, as `pg_waldump [STARTSEG [ENDSEG]]` takes them. Without a name it learns the segment size from whichever file the
 * folder lists first, and fails where that one was preallocated and never written: `header specifies 0 bytes` (PostgreSQL 15, measured).
 */
export function firstAndLast({ files }: SegmentRun): readonly string[] {
  const [first] = files;
  const last = files.at(-1);
  return first === undefined || last === undefined ? [] : [first, last];
}
