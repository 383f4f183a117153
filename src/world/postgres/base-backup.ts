/** Copies the survivor into a new directory and lets it take the old one's place, which is kept. */
import { rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import { syncDirectory } from '../files/atomic-write.ts';
import type { Command, CommandResult, Runner } from '../remote/runner.ts';
import type { CopyOptions } from './rewind.ts';

/** Where a base backup is made: beside the data directory, on the same file system, so that renaming is enough. */
export function newDirectoryOf(dataDirectory: string): string {
  return join(dirname(dataDirectory), `.${basename(dataDirectory)}.new`);
}

/** Where the replaced data directory is kept. */
export function keptDirectoryOf(dataDirectory: string, label: string): string {
  return join(dirname(dataDirectory), `${basename(dataDirectory)}.replaced-${label}`);
}

/** Removes what an interrupted backup left and makes a whole one, fsynced by pg_basebackup itself. */
export async function takeBaseBackup(
  runner: Runner,
  postgres: PostgresConfig,
  options: CopyOptions,
): Promise<{ readonly command: Command; readonly result: CommandResult }> {
  const target = newDirectoryOf(postgres.dataDirectory);
  await rm(target, { recursive: true, force: true });
  const command: Command = {
    program: join(postgres.binDirectory, 'pg_basebackup'),
    arguments: [
      `--pgdata=${target}`,
      `--dbname=${options.source}`,
      '--wal-method=stream',
      '--checkpoint=fast',
      '--no-password',
    ],
    user: postgres.user,
    environment: { PGPASSFILE: options.passwordFile },
    timeoutMs: options.timeoutSeconds * 1_000,
    inheritedDescriptors: options.inheritedDescriptors,
  };
  return { command, result: await runner.run(command) };
}

/** Puts the new directory in place and keeps the old one under `label`. Called again after a crash, it ends the same. */
export async function swapDirectories(dataDirectory: string, label: string): Promise<void> {
  const fresh = newDirectoryOf(dataDirectory);
  if (!(await exists(fresh))) return;
  const kept = keptDirectoryOf(dataDirectory, label);
  // Where the original is kept already, what stands in its place is an earlier copy of a survivor.
  if (await exists(kept)) await rm(dataDirectory, { recursive: true, force: true });
  else if (await exists(dataDirectory)) await rename(dataDirectory, kept);
  await rename(fresh, dataDirectory);
  await syncDirectory(dirname(dataDirectory));
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
