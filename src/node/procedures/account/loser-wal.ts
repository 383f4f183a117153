/** The stopped node's own WAL: which branch it is on, and a way to read it as one timeline. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { branchBegin, type Branch } from '../../../core/divergence/branch.ts';
import { earliestBefore, walChain, type ChainLink } from '../../../core/divergence/wal-chain.ts';
import { historyFileName, timelineOfHistoryFile } from '../../../core/divergence/wal-position.ts';
import type { WalRecord } from '../../../core/divergence/wal-record.ts';
import type { Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { parseHistory, parseTimelineId, type TimelineId } from '../../../core/model/timeline.ts';
import { readOptional } from '../../../world/files/read-optional.ts';
import type { ControlFile } from '../../../world/postgres/control-data.ts';
import { readWal } from '../../../world/postgres/read-wal.ts';
import type { ProcedureContext } from '../context.ts';

export interface LoserWal {
  readonly directory: string;
  readonly files: ReadonlySet<string>;
  readonly segmentBytes: number;
  readonly branch: Branch;
  /** Text of the branch's history file; empty on timeline 1. */
  readonly history: string;
}

/** Segments read before the fork, so that a transaction that spans it is seen from its beginning. */
const SEGMENTS_BEFORE = 4;

/**
 * Finds the branch. The control file names the last timeline it knows; a history file alone proves nothing, because it is there
 * before the promotion has happened, so a newer timeline counts only where it holds a record of its own.
 */
export async function openLoserWal(context: ProcedureContext, control: ControlFile): Promise<LoserWal> {
  const directory = join(context.cluster.postgres.dataDirectory, 'pg_wal');
  const files = new Set(await readdir(directory));
  const base = { directory, files, segmentBytes: control.walSegmentBytes };
  const known = parseTimelineId(Math.max(control.checkpointTimeline, control.minRecoveryEndTimeline));
  let wal = await branchOf(base, known);
  for (const timeline of newerTimelines(files, known)) {
    const newer = await branchOf(base, timeline);
    if (!newer.branch.history.some((entry) => entry.timeline === wal.branch.timeline)) continue;
    if (await holdsRecords(context, newer)) wal = newer;
  }
  return wal;
}

async function branchOf(
  base: Pick<LoserWal, 'directory' | 'files' | 'segmentBytes'>,
  timeline: TimelineId,
): Promise<LoserWal> {
  const text = timeline === 1 ? '' : await readOptional(join(base.directory, historyFileName(timeline)));
  if (text === null)
    throw new PrimacyError(
      'refused',
      `cannot account for timeline ${timeline}: its history file is missing in ${base.directory}`,
    );
  return { ...base, branch: { timeline, history: parseHistory(text) }, history: text };
}

function newerTimelines(files: ReadonlySet<string>, known: TimelineId): readonly TimelineId[] {
  return [...files]
    .flatMap((file) => timelineOfHistoryFile(file) ?? [])
    .filter((timeline) => timeline > known)
    .toSorted((a, b) => a - b)
    .map((timeline) => parseTimelineId(timeline));
}

async function holdsRecords(context: ProcedureContext, wal: LoserWal): Promise<boolean> {
  const begin = branchBegin(wal.branch);
  if (walChain(wal.branch, wal.files, begin, wal.segmentBytes).links.length === 0) return false;
  let found = false;
  await scanWal(context, wal, begin, (record) => {
    if (record.lsn >= begin) found = true;
  });
  return found;
}

/** Where to begin reading so that everything from `fork` on is understood. */
export function scanStart(wal: LoserWal, fork: Lsn): Lsn {
  return earliestBefore(wal.branch, wal.files, fork, SEGMENTS_BEFORE, wal.segmentBytes);
}

/** Where all WAL begins that leads without a gap to `fork`. */
export function oldestStart(wal: LoserWal, fork: Lsn): Lsn {
  return earliestBefore(wal.branch, wal.files, fork, wal.files.size, wal.segmentBytes);
}

/** The unbroken segments from `from` on. Throws `refused` where one is missing: a count with a gap would be a guess. */
export function unbrokenFrom(wal: LoserWal, from: Lsn): readonly ChainLink[] {
  const chain = walChain(wal.branch, wal.files, from, wal.segmentBytes);
  if (chain.links.length === 0 || chain.gap !== null)
    throw new PrimacyError(
      'refused',
      `cannot account for what was committed: WAL file ${chain.gap ?? 'of the fork'} is missing in ${wal.directory}`,
    );
  return chain.links;
}

/**
 * Reads every record from `start` on, over all timelines of the branch. Returns where the last of them ends; null where there is none.
 * Throws as `readWal`.
 */
export async function scanWal(
  context: ProcedureContext,
  wal: LoserWal,
  start: Lsn,
  onRecord: (record: WalRecord) => void,
): Promise<Lsn | null> {
  const { links } = walChain(wal.branch, wal.files, start, wal.segmentBytes);
  const { end } = await readWal(
    {
      paths: links.map((link) => join(wal.directory, link.file)),
      start,
      segmentBytes: wal.segmentBytes,
      timeoutMs: context.cluster.timings.accountSeconds * 1_000,
    },
    onRecord,
  );
  return end;
}
