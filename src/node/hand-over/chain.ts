/** Tells the restore wrapper which history files and segments belong to the holder's own chain. */
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import type { Branch } from '../../core/divergence/branch.ts';
import { historyFileName, segmentFileName, segmentNumber } from '../../core/divergence/wal-position.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { HistoryEntry } from '../../core/model/timeline.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { describeResult, type Command, type Runner } from '../../world/remote/runner.ts';

export interface Chain extends Branch {
  readonly walSegmentBytes: number;
  /** Where the last timeline ends: known of a dead primary, else null. */
  readonly end: Lsn | null;
}

/**
 * The chain as `guard/restore-wal` reads it. A timeline's last segment is the one before whose end the next timeline began: what stands
 * in an archive beyond it belongs to another branch.
 */
export function chainText({ timeline, history, walSegmentBytes, end }: Chain): string {
  const timelines: readonly HistoryEntry[] = [...history];
  const last = (lsn: Lsn): bigint => segmentNumber((lsn - 1n) as Lsn, walSegmentBytes);
  const wal = [
    ...timelines.map((it) => segmentFileName(it.timeline, last(it.switchLsn), walSegmentBytes)),
    ...(end === null ? [] : [segmentFileName(timeline, last(end), walSegmentBytes)]),
  ].map((name) => `wal ${name.slice(0, 8)} ${name.slice(8)}\n`);
  const open = end === null ? `wal ${historyFileName(timeline).slice(0, 8)} -\n` : '';
  const lines = history.map((it, index) => {
    const child = history[index + 1]?.timeline ?? timeline;
    const entries = history
      .slice(0, index + 1)
      .map((entry) => `${entry.timeline}:${formatLsn(entry.switchLsn)}`);
    return `history ${historyFileName(child)} ${entries.join(',')}\n`;
  });
  return [`segment-bytes ${walSegmentBytes}\n`, ...wal, open, ...lines].join('');
}

/** Replaces `chain` in the restore directory, by rename. Without it the wrapper restores nothing. */
export async function writeChain(restoreDirectory: string, chain: Chain): Promise<void> {
  await mkdir(restoreDirectory, { recursive: true, mode: 0o755 });
  await writeAtomically(join(restoreDirectory, 'chain'), chainText(chain), { mode: 0o644, durable: false });
}

/** Makes the restore directory, and in it the place where the wrapper, as the server's user, remembers other branches' history files. */
export async function makeRestoreDirectory(
  runner: Runner,
  postgres: PostgresConfig,
  restoreDirectory: string,
): Promise<void> {
  const known = join(restoreDirectory, 'known');
  // Made last, so that its presence says that all is made: a hand-over has no time for a program that does nothing.
  if (existsSync(known)) return;
  await mkdir(restoreDirectory, { recursive: true, mode: 0o755 });
  const command: Command = {
    program: 'install',
    arguments: ['-d', '-o', postgres.user, '-m', '0755', known],
    timeoutMs: 2_000,
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError('command-failed', `cannot make ${known}: ${describeResult(command, result)}`);
}
