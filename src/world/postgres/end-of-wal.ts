/** Finds where the valid WAL of a stopped server ends, by `pg_waldump`, which judges records as recovery does. */
import { join } from 'node:path';
import { firstAndLast, segmentRun } from '../../core/divergence/segment-run.ts';
import {
  segmentBegin,
  segmentFileName,
  segmentNumber,
  WAL_PAGE_BYTES,
} from '../../core/divergence/wal-position.ts';
import { formatLsn, parseLsn, type Lsn } from '../../core/model/lsn.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import { describeResult, type Command, type CommandResult, type Runner } from '../remote/runner.ts';

export interface EndOfWalOptions {
  readonly binDirectory: string;
  /** Folder with the segment files. */
  readonly directory: string;
  /** The names in it. */
  readonly files: ReadonlySet<string>;
  readonly timeline: TimelineId;
  /** A position that the server had reached, on that timeline; the nearer to the end, the less has to be read. */
  readonly near: Lsn;
  /** Where the timeline began: nothing of it lies before. */
  readonly begin: Lsn;
  readonly segmentBytes: number;
  readonly timeoutMs: number;
}

/** Reading begins so far before `near`: more than a common record is long, so that at least one whole record is found. */
const BACK_BYTES = 262_144n;
/** No record is longer than this many segments of the smallest size. */
const BACK_SEGMENTS = 4n;

/**
 * The position after the last whole, valid record: what a standby shows as replayed once it has everything. A torn record, zeros, or what
 * an earlier use left in a recycled segment ends it. Throws `output-invalid` where no valid record is found, `timeout`, `command-failed`.
 */
export async function findEndOfWal(runner: Runner, options: EndOfWalOptions): Promise<Lsn> {
  const limit = performance.now() + options.timeoutMs;
  let last = 'no segment of the timeline is there';
  for (const start of startsOf(options)) {
    const found = await dump(runner, options, start, limit);
    if (typeof found !== 'string') return found;
    last = found;
  }
  throw new PrimacyError(
    'output-invalid',
    `cannot find the end of WAL near ${formatLsn(options.near)} in ${options.directory}: ${last}`,
  );
}

/** Where to begin to read, from the nearest to the surest; only where there is a file. */
function startsOf(options: EndOfWalOptions): readonly Lsn[] {
  const { near, begin, segmentBytes } = options;
  const own = segmentNumber(near, segmentBytes);
  const first = segmentBegin(segmentNumber(begin, segmentBytes), segmentBytes);
  const page = (near > BACK_BYTES ? near - BACK_BYTES : 0n) & ~(WAL_PAGE_BYTES - 1n);
  const starts = [max(page as Lsn, segmentBegin(own, segmentBytes))];
  for (let back = 0n; back <= BACK_SEGMENTS && back <= own; back += 1n)
    starts.push(segmentBegin(own - back, segmentBytes));
  return [...new Set(starts)].filter((it) => it > 0n && it >= first && hasFile(options, it));
}

function hasFile({ files, timeline, segmentBytes }: EndOfWalOptions, lsn: Lsn): boolean {
  return files.has(segmentFileName(timeline, segmentNumber(lsn, segmentBytes), segmentBytes));
}

/** The end, or pg_waldump's words where no valid record begins at or after `start`. */
async function dump(
  runner: Runner,
  options: EndOfWalOptions,
  start: Lsn,
  limit: number,
): Promise<Lsn | string> {
  const { binDirectory, directory, timeline } = options;
  // For a file that is missing pg_waldump waits five seconds, and then tells nothing: it is asked for those that are there.
  const run = segmentRun(options, start);
  const range = ['-s', formatLsn(start), '-e', formatLsn(run.end), ...firstAndLast(run)];
  // The statistics name the end of the last record that was read, whatever is said of the next.
  const command: Command = {
    program: join(binDirectory, 'pg_waldump'),
    arguments: ['--stats', '-p', directory, '-t', String(timeline), ...range],
    timeoutMs: Math.max(1, limit - performance.now()),
  };
  const result = await runner.run(command);
  if (result.kind === 'unknown')
    throw new PrimacyError(
      'timeout',
      `cannot find the end of WAL in ${directory}: ${describeResult(command, result)}`,
      { retryable: true },
    );
  return parseEnd(result) ?? expected(command, result);
}

/** The second position of `WAL statistics between X/Y and X/Y:`; null where no record was read. */
export function parseEnd(result: Pick<CommandResult, 'stdout'>): Lsn | null {
  const match = /^WAL statistics between \S+ and ([0-9A-F]+\/[0-9A-F]+):$/m.exec(result.stdout);
  return match?.[1] === undefined ? null : parseLsn(match[1]);
}

/** No record; or a file that was never written, with a header of zeros. */
const NOTHING_HERE = /could not (find a valid record after|read from file) |header specifies 0 bytes/;

/** Words that mean "nothing valid here"; anything else is an error of the program's own. */
function expected(command: Command, result: CommandResult): string {
  const words = result.stderr.trim();
  if (result.kind === 'done' || NOTHING_HERE.test(words)) return words;
  throw new PrimacyError('command-failed', `cannot find the end of WAL: ${describeResult(command, result)}`);
}

function max(a: Lsn, b: Lsn): Lsn {
  return a > b ? a : b;
}
