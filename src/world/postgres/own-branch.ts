/** Which branch a stopped server's data directory is on, read by child processes only. */
import { join } from 'node:path';
import { historyFileName, timelineOfHistoryFile } from '../../core/divergence/wal-position.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import {
  parseHistory,
  parseTimelineId,
  type HistoryEntry,
  type TimelineId,
} from '../../core/model/timeline.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';

export interface OwnBranch {
  readonly timeline: TimelineId;
  /** Full text of the history file; empty on timeline 1. */
  readonly text: string;
  readonly history: readonly HistoryEntry[];
  /** Names in `pg_wal`. */
  readonly files: ReadonlySet<string>;
}

/**
 * The branch of `pg_wal`. `timeline` null: the highest that has a history file there, which is the one that the last server wrote, for it
 * had its history file before its first record. Throws `command-failed` or `output-invalid`.
 */
export async function readOwnBranch(
  runner: Runner,
  dataDirectory: string,
  timeline: TimelineId | null,
  timeoutMs: number,
): Promise<OwnBranch> {
  const directory = join(dataDirectory, 'pg_wal');
  const list = async (): Promise<ReadonlySet<string>> =>
    new Set((await run(runner, 'ls', [directory], timeoutMs)).split('\n'));
  const history = async (of: TimelineId): Promise<string> =>
    of === 1 ? '' : run(runner, 'cat', [join(directory, historyFileName(of))], timeoutMs);
  const [files, known] = await Promise.all([list(), timeline === null ? null : history(timeline)]);
  const own = timeline ?? highestTimeline(files);
  const text = known ?? (await history(own));
  return { timeline: own, text, history: parseHistory(text), files };
}

function highestTimeline(files: ReadonlySet<string>): TimelineId {
  return parseTimelineId(Math.max(1, ...[...files].flatMap((name) => timelineOfHistoryFile(name) ?? [])));
}

async function run(
  runner: Runner,
  program: string,
  parameters: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const command: Command = { program, arguments: parameters, timeoutMs };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError('command-failed', `cannot read the history: ${describeResult(command, result)}`);
  return result.stdout;
}
