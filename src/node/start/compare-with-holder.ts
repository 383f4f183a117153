/** Whether this node's whole WAL is part of the holder's, so that it may follow as it is: looked at in a running standby or in files. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import type { Branch } from '../../core/divergence/branch.ts';
import { describeDivergence, judgeDivergence } from '../../core/divergence/judge-divergence.ts';
import { isCheckpointHeader, RECORD_HEADER_BYTES } from '../../core/divergence/record-header.ts';
import { beginningOf } from '../../core/divergence/timeline-beginning.ts';
import { segmentBegin, segmentFileName, segmentNumber } from '../../core/divergence/wal-position.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import { parseHistory, type TimelineId } from '../../core/model/timeline.ts';
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
  readonly systemIdentifier: SystemIdentifier;
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
  return compareRunning(state, state.timeline, local, survivor, limitMs);
}

async function compareRunning(
  state: StandbyState,
  timeline: TimelineId,
  local: PostgresSession,
  survivor: Survivor,
  limitMs: number,
): Promise<Fit> {
  const own: Own = {
    systemIdentifier: state.systemIdentifier,
    branch: { timeline, history: parseHistory(state.history) },
    endLsn: state.endLsn,
    segmentBytes: state.segmentBytes,
    read: (file, offset, length) => readWalBytes(local, file, offset, length, limitMs),
  };
  if ((await holdsOwnCheckpoint(own, state.checkpoint)) === false)
    return no(true, "another server's WAL was written over its own: its last checkpoint is not there");
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
  const { systemIdentifier } = control;
  const own = { systemIdentifier, branch: wal.branch, endLsn, segmentBytes: wal.segmentBytes, read };
  return compare(own, survivor, context.cluster.timings.sqlStatementSeconds * 1_000);
}

/**
 * By system identifier, switch points, positions and the record with which the timeline begins. Where all of it is equal, which proves
 * nothing yet, the last bytes before this node's end decide: the moment of each commit is in them.
 */
async function compare(own: Own, survivor: Survivor, limitMs: number): Promise<Fit> {
  const { facts, name } = survivor;
  const branch = { timeline: facts.timeline, history: parseHistory(facts.history) };
  const theirs = { systemIdentifier: facts.systemIdentifier, branch, endLsn: facts.flushLsn };
  const [ownBeginning, beginning] = await readBeginnings(own, theirs, survivor, limitMs);
  const divergence = judgeDivergence({ ...own, beginning: ownBeginning }, { ...theirs, beginning });
  const end = formatLsn(own.endLsn);
  if (divergence.kind === 'behind') return { fits: true };
  if (divergence.kind === 'forked' || divergence.kind === 'ahead')
    return no(
      true,
      `it has WAL up to ${end}, past the fork at ${formatLsn(divergence.at)} (${describeDivergence(divergence)})`,
    );
  if (divergence.kind === 'foreign-system') return no(true, describeDivergence(divergence));
  if (own.endLsn > facts.flushLsn)
    return no(true, `it has WAL up to ${end}, ${name} only to ${formatLsn(facts.flushLsn)}`);
  return (await hasSameTail(own, survivor, limitMs))
    ? { fits: true }
    : no(true, `timeline ${own.branch.timeline} is another one on ${name}`);
}

/** Hexadecimal; null where a side has no such bytes, or no longer. */
async function readBeginnings(
  own: Own,
  theirs: { readonly branch: Branch; readonly endLsn: Lsn },
  survivor: Survivor,
  limitMs: number,
): Promise<readonly [string | null, string | null]> {
  const [mine, yours] = [own, theirs].map((it) => beginningOf(it.branch, it.endLsn, own.segmentBytes));
  if (!mine || !yours || mine.file !== yours.file || mine.offset !== yours.offset) return [null, null];
  const [left, right] = await Promise.all([
    own.read(mine.file, mine.offset, mine.length),
    readWalBytes(survivor.session, yours.file, yours.offset, yours.length, limitMs),
  ]);
  return [left?.toString('hex') ?? null, right?.toString('hex') ?? null];
}

/**
 * A server that streams from another history has that one's records in its own files, which then look equal (facts.md section 6). Its last
 * checkpoint stands where its control file says, unless it was overwritten. Null where that file is gone.
 */
async function holdsOwnCheckpoint(
  own: Own,
  { timeline, lsn }: StandbyState['checkpoint'],
): Promise<boolean | null> {
  const segment = segmentNumber(lsn, own.segmentBytes);
  const offset = Number(lsn - segmentBegin(segment, own.segmentBytes));
  const header = await own.read(
    segmentFileName(timeline, segment, own.segmentBytes),
    offset,
    RECORD_HEADER_BYTES,
  );
  return header === null ? null : isCheckpointHeader(header);
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

/** Null where there is no such file any more. */
async function readPart(path: string, offset: number, length: number): Promise<Buffer | null> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (file === null) return null;
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
