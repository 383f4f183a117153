/** Which files, in order, hold a branch's WAL from one position on: each segment from the newest timeline that had begun in it. */
import type { Lsn } from '../model/lsn.ts';
import { timelineAt, type Branch } from './branch.ts';
import { segmentBegin, segmentFileName, segmentNumber } from './wal-position.ts';

export interface ChainLink {
  readonly number: bigint;
  /** The file in pg_wal. */
  readonly file: string;
}

export interface WalChain {
  readonly links: readonly ChainLink[];
  /** Null, or the first file that is missing although a later one of the branch exists. */
  readonly gap: string | null;
}

/**
 * The unbroken run of segments from the one that holds `from`. PostgreSQL copies the beginning of the segment in which a timeline
 * ends into the first file of the next timeline, so the newest file of a segment holds all of it.
 */
export function walChain(
  branch: Branch,
  files: ReadonlySet<string>,
  from: Lsn,
  segmentBytes: number,
): WalChain {
  const links: ChainLink[] = [];
  const fileOf = (number: bigint): string => {
    const last = (segmentBegin(number + 1n, segmentBytes) - 1n) as Lsn;
    return segmentFileName(timelineAt(branch, last), number, segmentBytes);
  };
  let number = segmentNumber(from, segmentBytes);
  for (; files.has(fileOf(number)); number += 1n) links.push({ number, file: fileOf(number) });
  const missing = fileOf(number);
  const newest = [...files].filter((file) => file.startsWith(missing.slice(0, 8))).toSorted();
  return { links, gap: (newest.at(-1) ?? '') > missing ? missing : null };
}

/** The earliest position, at most `segments` segments before `lsn`, from which the branch's files are unbroken up to `lsn`. */
export function earliestBefore(
  branch: Branch,
  files: ReadonlySet<string>,
  lsn: Lsn,
  segments: number,
  segmentBytes: number,
): Lsn {
  const own = segmentNumber(lsn, segmentBytes);
  let begin = own;
  for (let step = 1n; step <= BigInt(segments) && own - step > 0n; step += 1n) {
    const from = segmentBegin(own - step, segmentBytes);
    const run = walChain(branch, files, from, segmentBytes).links;
    if (run.length === 0 || (run.at(-1)?.number ?? 0n) < own) break;
    begin = own - step;
  }
  return segmentBegin(begin, segmentBytes);
}
