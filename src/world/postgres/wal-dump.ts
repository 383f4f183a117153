/** Reads WAL files record by record through `pg_waldump`, in bounded memory and bounded time. */
import { spawn } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
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
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' },
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
    for await (const line of createInterface({ input: child.stdout, crlfDelay: Infinity })) {
      if (!line.startsWith('first record is after ')) onRecord(parseWalRecord(line));
    }
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
