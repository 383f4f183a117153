/** Reads WAL files record by record through `pg_waldump`, in bounded memory and bounded time. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { firstAndLast, segmentRun } from '../../core/divergence/segment-run.ts';
import { segmentFileName, segmentNumber } from '../../core/divergence/wal-position.ts';
import { parseWalRecord, type WalRecord } from '../../core/divergence/wal-record.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { TimelineId } from '../../core/model/timeline.ts';

export interface WalDumpOptions {
  readonly binDirectory: string;
  /** Folder with the segment files. */
  readonly directory: string;
  readonly timeline: TimelineId;
  readonly segmentBytes: number;
  /** The first record at or after it is the first one given. */
  readonly start: Lsn;
  /** Stop after that many records. */
  readonly count?: number;
  readonly timeoutMs: number;
}

/** How pg_waldump says that valid WAL ends: never an error of ours, whatever its exit code (facts.md section 6). */
const ENDS = [
  /error in WAL record at /,
  /could not find file /,
  /could not find a valid record after /,
  /could not read from file .*: read 0 of /,
  // A file that was preallocated and never written.
  /header specifies 0 bytes/,
];

/**
 * Calls `onRecord` for each record until valid WAL ends, and returns pg_waldump's last words.
 * Rejects with `command-failed` on any other end, `timeout` after `timeoutMs`, and with whatever `onRecord` throws.
 */
export async function dumpWal(
  options: WalDumpOptions,
  onRecord: (record: WalRecord) => void,
): Promise<string> {
  const { directory, timeline, start, segmentBytes } = options;
  const run = segmentRun({ files: new Set(await readdir(directory)), timeline, segmentBytes }, start);
  if (run.files.length === 0)
    return `could not find file "${segmentFileName(timeline, segmentNumber(start, segmentBytes), segmentBytes)}"`;
  const parameters = ['-p', directory, '-t', String(timeline), '-s', formatLsn(start), ...firstAndLast(run)];
  if (options.count !== undefined) parameters.push('-n', String(options.count));
  const child = spawn(join(options.binDirectory, 'pg_waldump'), parameters, {
    stdio: ['ignore', 'pipe', 'pipe'],
    // Moments of commits come in the time zone of the program that prints them.
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', TZ: 'UTC' },
    signal: AbortSignal.timeout(options.timeoutMs),
    killSignal: 'SIGKILL',
  });
  const words: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => words.push(chunk.toString('utf8')));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Read only after the records; a rejection until then must not count as unhandled.
  ended.catch(() => undefined);
  try {
    await readRecords(child.stdout, onRecord);
    const code = await ended;
    const last = words.join('').trim();
    if (code === 0 || ENDS.some((end) => end.test(last))) return last;
    throw new PrimacyError('command-failed', `cannot read WAL in ${directory}: exit ${code}: ${last}`);
  } catch (error) {
    child.kill('SIGKILL');
    if (error instanceof Error && error.name === 'AbortError')
      throw new PrimacyError(
        'timeout',
        `cannot read WAL in ${directory} within ${options.timeoutMs / 1_000} s`,
        { retryable: true, cause: error },
      );
    throw error;
  }
}

/**
 * Splits by hand: an asynchronous iteration per line costs more than all that is done with it. A name that a client gave, of a prepared
 * transaction or a message, may hold line ends, so a record ends where the next one begins.
 */
async function readRecords(
  output: AsyncIterable<Buffer>,
  onRecord: (record: WalRecord) => void,
): Promise<void> {
  let rest = '';
  let pending = '';
  const take = (line: string): void => {
    if (line.startsWith('rmgr: ')) {
      if (pending !== '') onRecord(parseWalRecord(pending));
      pending = line;
    } else if (pending !== '' && isNamed(pending)) pending = `${pending}\n${line}`;
    else if (!line.startsWith('first record is after ') && line !== '') parseWalRecord(line);
  };
  for await (const chunk of output) {
    // One byte is one character: only names given by clients have others, and those are decoded where they are shown.
    const text = rest + chunk.toString('latin1');
    let begin = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', begin)) {
      take(text.slice(begin, end));
      begin = end + 1;
    }
    rest = text.slice(begin);
  }
  if (rest !== '') take(rest);
  if (pending !== '') onRecord(parseWalRecord(pending));
}

/** Records that carry a name of a client's choice. */
function isNamed(line: string): boolean {
  return line.includes('desc: PREPARE gid ') || line.startsWith('rmgr: LogicalMessage ');
}
