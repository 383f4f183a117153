/** Where two nodes' WAL parts although their histories read the same: found by comparing the bytes, newest segment first. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { recordEnd, segmentBegin } from '../../../core/divergence/wal-position.ts';
import type { Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import { readWalBytes } from '../../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../context.ts';
import { scanStart, scanWal, unbrokenFrom, type LoserWal } from './loser-wal.ts';

/**
 * The last position up to which both hold the same records of the last timeline, between `begin` and `end`.
 * WAL that has parted never becomes equal again, because each record names its predecessor, so the search ends at the newest equal
 * segment. Throws `refused` where the survivor has recycled a segment that is needed.
 */
export async function commonEnd(
  context: ProcedureContext,
  wal: LoserWal,
  session: PostgresSession,
  begin: Lsn,
  end: Lsn,
): Promise<Lsn> {
  const limitMs = context.cluster.timings.accountSeconds * 1_000;
  const links = unbrokenFrom(wal, begin).filter((link) => segmentBegin(link.number, wal.segmentBytes) < end);
  let parted: Lsn | null = null;
  for (const link of links.toReversed()) {
    const segment = segmentBegin(link.number, wal.segmentBytes);
    const from = segment > begin ? segment : begin;
    const next = segmentBegin(link.number + 1n, wal.segmentBytes);
    const length = Number((next < end ? next : end) - from);
    const offset = Number(from - segment);
    const theirs = await readWalBytes(session, link.file, offset, length, limitMs);
    if (theirs === null)
      throw new PrimacyError(
        'refused',
        `cannot account for what was committed: the survivor has no WAL file ${link.file} to compare with`,
      );
    const ours = await readPart(join(wal.directory, link.file), offset, length);
    const different = firstDifference(ours, theirs);
    if (different === null) break;
    parted = (from + BigInt(different)) as Lsn;
  }
  return parted === null ? end : recordBoundary(context, wal, begin, parted);
}

/** The end of the last record that ends at or before `position`. */
async function recordBoundary(
  context: ProcedureContext,
  wal: LoserWal,
  begin: Lsn,
  position: Lsn,
): Promise<Lsn> {
  let boundary = begin;
  const start = scanStart(wal, position);
  await scanWal(context, wal, start, (record) => {
    const end = recordEnd(record.lsn, record.lengthBytes, wal.segmentBytes);
    if (end <= position && end > boundary) boundary = end;
  });
  return boundary;
}

async function readPart(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Index of the first byte that differs; null where one holds the whole of the other's beginning and both are as long. */
function firstDifference(a: Buffer, b: Buffer): number | null {
  if (a.equals(b)) return null;
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index += 1) if (a[index] !== b[index]) return index;
  return shorter;
}
