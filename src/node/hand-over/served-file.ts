/** Which files of `pg_wal` a certificate covers, and how much of each. Pure. */
import { segmentNumber } from '../../core/divergence/wal-position.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Lsn } from '../../core/model/lsn.ts';

export interface ServedFile {
  /** Name in `pg_wal`. */
  readonly name: string;
  /** The asker has the file up to here. */
  readonly from: number;
  /** So much from there, and nothing beyond: after the last record come zeros, or what an earlier use of the file left. */
  readonly bytes: number;
}

/** A history file is a line a branch. */
const HISTORY_BYTES_MAX = 65_536;
/** Where a successor asks whether it is heard, before it asks for more. */
export const GREETING_PATH = '/greeting';

/**
 * The file behind `/wal/SEGMENT?from=BYTE` or `/history/NAME`; null for anything else, later timelines, and segments at or beyond the end.
 */
export function servedFile(certificate: DeathCertificate, path: string): ServedFile | null {
  const segment = /^\/wal\/([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})\?from=(\d{1,10})$/.exec(path);
  if (segment !== null) return servedSegment(certificate, segment);
  const history = /^\/history\/(([0-9A-F]{8})\.history)$/.exec(path);
  if (history === null) return null;
  const timeline = Number.parseInt(history[2] ?? '', 16);
  return timeline <= certificate.timeline
    ? { name: history[1] ?? '', from: 0, bytes: HISTORY_BYTES_MAX }
    : null;
}

function servedSegment(
  { timeline, endLsn, walSegmentBytes }: DeathCertificate,
  match: RegExpExecArray,
): ServedFile | null {
  const [, own = '', log = '', part = '', begin = ''] = match;
  if (Number.parseInt(own, 16) > timeline) return null;
  const perLog = 0x1_0000_0000n / BigInt(walSegmentBytes);
  const number = BigInt(`0x${log}`) * perLog + BigInt(`0x${part}`);
  const last = segmentNumber((endLsn - 1n) as Lsn, walSegmentBytes);
  if (BigInt(`0x${part}`) >= perLog || number > last) return null;
  const ends = number === last && Number.parseInt(own, 16) === timeline;
  const end = ends ? Number(endLsn - number * BigInt(walSegmentBytes)) : walSegmentBytes;
  const from = Number(begin);
  return from < end ? { name: `${own}${log}${part}`, from, bytes: end - from } : null;
}

/** What to ask for a segment of which the first `from` bytes are there. */
export function segmentPath(name: string, from: number): string {
  return `/wal/${name}?from=${from}`;
}

/** What to ask for a history file. */
export function historyPath(name: string): string {
  return `/history/${name}`;
}
