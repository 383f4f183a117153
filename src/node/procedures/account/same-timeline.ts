/** Where two nodes' WAL parts although their histories read the same: found by comparing the bytes, oldest segment first. */
import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { findParting, type SegmentVerdict } from '../../../core/divergence/find-parting.ts';
import { recordEnd, segmentBegin } from '../../../core/divergence/wal-position.ts';
import type { Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import { hashWalBytes, readWalBytes } from '../../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../context.ts';
import { scanStart, scanWal, unbrokenFrom, type LoserWal } from './loser-wal.ts';

/**
 * The last position up to which both hold the same records of the last timeline, between `begin` and `end`. Throws `refused` where the
 * survivor has recycled a segment that is needed.
 */
export async function commonEnd(
  context: ProcedureContext,
  wal: LoserWal,
  session: PostgresSession,
  begin: Lsn,
  end: Lsn,
): Promise<Lsn> {
  const compare = (part: Part): Promise<SegmentVerdict> => comparePart(context, wal, session, part);
  const parting = await findParting(partsBetween(wal, begin, end), compare);
  if (parting.kind === 'none') return end;
  if (parting.kind === 'parted') return recordBoundary(context, wal, begin, parting.at);
  throw new PrimacyError(
    'refused',
    `cannot account for what was committed: the survivor has no WAL file ${parting.file} to compare with`,
  );
}

/** Bytes of one segment that have to be compared. */
interface Part {
  readonly file: string;
  readonly from: Lsn;
  readonly offset: number;
  readonly length: number;
}

function partsBetween(wal: LoserWal, begin: Lsn, end: Lsn): readonly Part[] {
  const links = unbrokenFrom(wal, begin).filter((link) => segmentBegin(link.number, wal.segmentBytes) < end);
  return links.map((link) => {
    const segment = segmentBegin(link.number, wal.segmentBytes);
    const next = segmentBegin(link.number + 1n, wal.segmentBytes);
    const from = segment > begin ? segment : begin;
    return {
      file: link.file,
      from,
      offset: Number(from - segment),
      length: Number((next < end ? next : end) - from),
    };
  });
}

/** By the hash that the survivor computes; only the segment in which they part crosses the network. */
async function comparePart(
  context: ProcedureContext,
  wal: LoserWal,
  session: PostgresSession,
  { file, from, offset, length }: Part,
): Promise<SegmentVerdict> {
  const limitMs = context.cluster.timings.accountSeconds * 1_000;
  const ours = await readPart(join(wal.directory, file), offset, length);
  const hash = await hashWalBytes(session, file, offset, length, limitMs);
  if (hash === null) return { kind: 'missing' };
  if (hash === createHash('sha256').update(ours).digest('hex')) return { kind: 'equal' };
  const theirs = await readWalBytes(session, file, offset, length, limitMs);
  const different = theirs === null ? null : firstDifference(ours, theirs);
  return different === null ? { kind: 'missing' } : { kind: 'parted', at: (from + BigInt(different)) as Lsn };
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
