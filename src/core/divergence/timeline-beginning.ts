/** Where the bytes stand that tell one promotion from another at the same position: the first record of a timeline. */
import type { Lsn } from '../model/lsn.ts';
import { branchBegin, type Branch } from './branch.ts';
import { segmentBegin, segmentFileName, segmentNumber } from './wal-position.ts';

export interface WalPlace {
  /** Name in pg_wal. */
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/** More than an END_OF_RECOVERY record, which holds the moment of the promotion in microseconds. */
const BYTES = 64n;

/** Null on a timeline that no promotion began, and while the server has not so much of it. */
export function beginningOf(branch: Branch, endLsn: Lsn, segmentBytes: number): WalPlace | null {
  const begin = branchBegin(branch);
  if (begin === 0n || endLsn < begin + BYTES) return null;
  const number = segmentNumber(begin, segmentBytes);
  const room = segmentBegin(number + 1n, segmentBytes) - begin;
  return {
    file: segmentFileName(branch.timeline, number, segmentBytes),
    offset: Number(begin - segmentBegin(number, segmentBytes)),
    length: Number(room < BYTES ? room : BYTES),
  };
}
