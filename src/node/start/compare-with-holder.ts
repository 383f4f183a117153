/** Whether this node's whole WAL is part of the holder's, so that it may follow as it is: looked at in a running standby or in files. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Branch } from '../../core/divergence/branch.ts';
import { compareBranches } from '../../core/divergence/compare-branches.ts';
import { segmentBegin, segmentFileName, segmentNumber } from '../../core/divergence/wal-position.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import { parseHistory } from '../../core/model/timeline.ts';
import type { ControlFile } from '../../world/postgres/control-data.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import type { StandbyState } from '../../world/postgres/standby-state.ts';
import { readWalBytes } from '../../world/postgres/survivor.ts';
import { openLoserWal } from '../procedures/account/loser-wal.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import type { Survivor } from '../procedures/survivor-session.ts';
import { endOfOwnWal } from './end-of-own-wal.ts';

/** `seen` false: something was not seen, which is never "fits". */
export type Fit =
  { readonly fits: true } | { readonly fits: false; readonly seen: boolean; readonly why: string };

type ReadBytes = (file: string, offset: number, length: number) => Promise<Buffer | null>;

interface Own {
  readonly branch: Branch;
  readonly endLsn: Lsn;
  readonly segmentBytes: number;
  readonly read: ReadBytes;
}

/** Bytes compared where numbers and switch points are equal. */
const TAIL_BYTES = 8_192n;

const no = (seen: boolean, why: string): Fit => ({ fits: false, seen, why });

/** Compares a running standby that has replayed all it has. */
export function compareStandby(
  state: StandbyState,
  local: PostgresSession,
  survivor: Survivor,
  limitMs: number,
): Promise<Fit> {
  if (!state.inRecovery) return Promise.resolve(no(false, 'the server is not in recovery'));
  if (state.timeline === null) return Promise.resolve(no(false, 'its timeline is not certain'));
  if (!state.waitsForWal) return Promise.resolve(no(false, 'it has not replayed all its WAL yet'));
  const own: Own = {
    branch: { timeline: state.timeline, history: parseHistory(state.history) },
    endLsn: state.endLsn,
    segmentBytes: state.segmentBytes,
    read: (file, offset, length) => readWalBytes(local, file, offset, length, limitMs),
  };
  return compare(own, survivor, limitMs);
}

/** Compares the files of a stopped server. Throws where WAL is missing or cannot be read. */
export async function compareStopped(
  context: ProcedureContext,
  control: ControlFile,
  survivor: Survivor,
): Promise<Fit> {
  const wal = await openLoserWal(context, control);
  const endLsn = await endOfOwnWal(context, control, wal);
  const read: ReadBytes = (file, offset, length) => readPart(join(wal.directory, file), offset, length);
  const own = { branch: wal.branch, endLsn, segmentBytes: wal.segmentBytes, read };
  return compare(own, survivor, context.cluster.timings.sqlStatementSeconds * 1_000);
}

/**
 * By timelines, switch points and positions. Where those are equal, which proves nothing, the last bytes before this node's end decide:
 * each record names its predecessor, so WAL that has parted never becomes equal again.
 */
async function compare(own: Own, survivor: Survivor, limitMs: number): Promise<Fit> {
  const { facts, name } = survivor;
  const theirs = { timeline: facts.timeline, history: parseHistory(facts.history) };
  const comparison = compareBranches(own.branch, theirs);
  const end = formatLsn(own.endLsn);
  if (comparison.kind === 'parted') {
    if (own.endLsn <= comparison.at) return { fits: true };
    return no(true, `it has WAL up to ${end}, past the fork at ${formatLsn(comparison.at)}`);
  }
  if (own.endLsn > facts.flushLsn)
    return no(true, `it has WAL up to ${end}, ${name} only to ${formatLsn(facts.flushLsn)}`);
  return (await hasSameTail(own, survivor, limitMs))
    ? { fits: true }
    : no(true, `timeline ${own.branch.timeline} is another one on ${name}`);
}

async function hasSameTail(own: Own, survivor: Survivor, limitMs: number): Promise<boolean> {
  const { branch, endLsn, segmentBytes } = own;
  const segment = segmentNumber((endLsn - 1n) as Lsn, segmentBytes);
  const begin = segmentBegin(segment, segmentBytes);
  const length = endLsn - begin < TAIL_BYTES ? endLsn - begin : TAIL_BYTES;
  const file = segmentFileName(branch.timeline, segment, segmentBytes);
  const offset = Number(endLsn - begin - length);
  const [ours, theirs] = await Promise.all([
    own.read(file, offset, Number(length)),
    readWalBytes(survivor.session, file, offset, Number(length), limitMs),
  ]);
  return ours !== null && theirs !== null && ours.length === Number(length) && ours.equals(theirs);
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
