/** The hash of the bytes with which a server's timeline begins: what tells two promotions at one position apart. */
import type { Branch } from '../../core/divergence/branch.ts';
import { beginningOf } from '../../core/divergence/timeline-beginning.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { PostgresSession } from './session.ts';
import { hashWalBytes, rowsOf } from './survivor.ts';

/**
 * Null on a timeline that no promotion began, before the server has those bytes, and once it has recycled them. `endLsn`: what it has
 * received or written. Throws as `rowsOf`.
 */
export async function readBeginning(
  session: PostgresSession,
  branch: Branch,
  endLsn: Lsn,
  limitMs: number,
): Promise<string | null> {
  const text = "select pg_size_bytes(current_setting('wal_segment_size'))::float8 as bytes";
  const [row] = await rowsOf<{ readonly bytes: number }>(session, { name: 'primacy-segment', text }, limitMs);
  const place = row === undefined ? null : beginningOf(branch, endLsn, row.bytes);
  if (place === null) return null;
  return hashWalBytes(session, place.file, place.offset, place.length, limitMs);
}
