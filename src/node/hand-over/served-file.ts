/** Which files of `pg_wal` a certificate covers, and how much of each. Pure. */
import { segmentNumber } from '../../core/divergence/wal-position.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { Lsn } from '../../core/model/lsn.ts';

export interface ServedFile {
  /** Name in `pg_wal`. */
  readonly name: string;
  /** Nothing beyond is given: after the last record come zeros, or what an earlier use of the file left. */
  readonly bytes: number;
}

/** A history file is a line a branch. */
const HISTORY_BYTES_MAX = 65_536;
/** Where a successor asks whether it is heard, before it asks for more. */
export const GREETING_PATH = '/greeting';

/** The file behind `/wal/SEGMENT` or `/history/NAME`; null for anything else, later timelines, and segments at or beyond the end. */
export function servedFile(certificate: DeathCertificate, path: string): ServedFile | null {
  const segment = /^\/wal\/([0-9A-F]{8})([0-9A-F]{8})([0-9A-F]{8})$/.exec(path);
  if (segment !== null) return servedSegment(certificate, segment);
  const history = /^\/history\/(([0-9A-F]{8})\.history)$/.exec(path);
  if (history === null) return null;
  const timeline = Number.parseInt(history[2] ?? '', 16);
  return timeline <= certificate.timeline ? { name: history[1] ?? '', bytes: HISTORY_BYTES_MAX } : null;
}

function servedSegment(
  { timeline, endLsn, walSegmentBytes }: DeathCertificate,
  match: RegExpExecArray,
): ServedFile | null {
  const [, own = '', log = '', part = ''] = match;
  if (Number.parseInt(own, 16) > timeline) return null;
  const perLog = 0x1_0000_0000n / BigInt(walSegmentBytes);
  const number = BigInt(`0x${log}`) * perLog + BigInt(`0x${part}`);
  const last = segmentNumber((endLsn - 1n) as Lsn, walSegmentBytes);
  if (BigInt(`0x${part}`) >= perLog || number > last) return null;
  const ends = number === last && Number.parseInt(own, 16) === timeline;
  const bytes = ends ? Number(endLsn - number * BigInt(walSegmentBytes)) : walSegmentBytes;
  return { name: `${own}${log}${part}`, bytes };
}
