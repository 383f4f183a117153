/** The data directories that base backups replaced: which there are, and how one is removed with all its parts. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { linkTarget, namesIn, realPlace } from './backup-places.ts';

export interface ReplacedDirectory {
  readonly path: string;
  /** The remediation and the moment of its begin, `REMEDIATION-MILLISECONDS`. */
  readonly label: string;
  readonly startedAt: number;
}

const REMOVE_LIMIT_MS = 600_000;

/** Newest first. Only names that our swap gives. */
export async function findReplaced(dataDirectory: string): Promise<readonly ReplacedDirectory[]> {
  const real = await realPlace(dataDirectory);
  const prefix = `${basename(real)}.replaced-`;
  const found = (await readdir(dirname(real))).flatMap((name) => {
    const label = name.startsWith(prefix) ? name.slice(prefix.length) : '';
    const startedAt = /^.+-(\d{10,})$/.exec(label)?.[1];
    return startedAt === undefined
      ? []
      : [{ path: join(dirname(real), name), label, startedAt: Number(startedAt) }];
  });
  return found.toSorted((a, b) => b.startedAt - a.startedAt);
}

/**
 * Removes it by a child process, its WAL and tablespaces on other file systems too: where its links lead, as far as the name says that it
 * was kept under the same label. Returns null, or what went wrong.
 */
export async function removeReplaced(
  runner: Runner,
  { path, label }: ReplacedDirectory,
): Promise<string | null> {
  const links = [
    join(path, 'pg_wal'),
    ...(await namesIn(join(path, 'pg_tblspc'))).map((oid) => join(path, 'pg_tblspc', oid)),
  ];
  const targets = await Promise.all(links.map((link) => linkTarget(link)));
  const parts = targets.filter((it) => it !== null && basename(it).endsWith(`replaced-${label}`));
  const command: Command = {
    program: 'rm',
    arguments: ['-rf', '--one-file-system', '--', ...parts.filter((it) => it !== null), path],
    timeoutMs: REMOVE_LIMIT_MS,
  };
  const result = await runner.run(command);
  return result.kind === 'done' ? null : describeResult(command, result);
}
