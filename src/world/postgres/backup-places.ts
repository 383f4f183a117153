/** Where the parts of a base backup belong on this host: data directory, WAL and tablespaces, which may lie on disks of their own. */
import { lstat, readdir, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';

/** A tablespace as the survivor has it. */
export interface SourceTablespace {
  readonly oid: string;
  readonly name: string;
  readonly location: string;
}

export interface BackupPlaces {
  /** Without symbolic links, so that what is renamed is the directory and not a link to it. */
  readonly dataDirectory: string;
  /** Where `pg_wal` leads where it is a link; else null. */
  readonly walDirectory: string | null;
  readonly tablespaces: readonly TablespacePlace[];
}

export interface TablespacePlace {
  readonly oid: string;
  /** As the survivor calls it. */
  readonly source: string;
  /** Where this node has it, or will have it. */
  readonly location: string;
}

/** Part of a copy that has not taken its place yet, inside a tablespace's location. */
export const FRESH_TABLESPACE = '.primacy.new';
const KEPT_TABLESPACE = 'replaced-';

/** Where a copy is made: beside what it replaces, on the same file system, so that renaming is enough. */
export function freshPathOf(path: string): string {
  return join(dirname(path), `.${basename(path)}.new`);
}

/** Where the replaced directory is kept. */
export function keptPathOf(path: string, label: string): string {
  return join(dirname(path), `${basename(path)}.replaced-${label}`);
}

export function keptTablespaceOf(location: string, label: string): string {
  return join(location, `${KEPT_TABLESPACE}${label}`);
}

/**
 * Looks where this node has its parts now. Throws `refused`, before anything was copied, where a copy could not take their place:
 * a sentence that says what a person has to change.
 */
export async function findBackupPlaces(
  dataDirectory: string,
  label: string,
  source: readonly SourceTablespace[],
): Promise<BackupPlaces> {
  const real = await realPlace(dataDirectory);
  const original = (await exists(keptPathOf(real, label))) ? keptPathOf(real, label) : real;
  const mounts = mountPoints(await readFile('/proc/self/mountinfo', 'utf8'));
  refuseMount(mounts, real, 'the data directory');
  const walDirectory = await linkTarget(join(original, 'pg_wal'));
  const wal = walDirectory === null ? null : originalWal(walDirectory, label);
  if (wal !== null) refuseMount(mounts, wal, 'the directory of the WAL');
  const tablespaces: TablespacePlace[] = [];
  for (const { oid, name, location } of source) {
    const own = await linkTarget(join(original, 'pg_tblspc', oid));
    const place = own === null ? location : originalLocation(own);
    if (`${place}/`.startsWith(`${real}/`) || `${place}/`.startsWith(`${dataDirectory}/`))
      throw refused(`tablespace ${name} lies inside the data directory, ${place}: move it out of there`);
    if (!(await exists(place)))
      throw refused(`tablespace ${name} needs the directory ${place}: make it, or mount its disk`);
    tablespaces.push({ oid, source: location, location: place });
  }
  return { dataDirectory: real, walDirectory: wal, tablespaces };
}

/** The directory itself, where the path is a link to it; also while it is away between two renames. */
export async function realPlace(path: string): Promise<string> {
  const target = await linkTarget(path);
  if (target !== null) return realPlace(target);
  return join(await realpath(dirname(path)), basename(path));
}

/** Where a symbolic link leads, absolute; null where there is none. */
export async function linkTarget(path: string): Promise<string | null> {
  try {
    return (await lstat(path)).isSymbolicLink() ? resolve(dirname(path), await readlink(path)) : null;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Paths that are mount points, from the text of /proc/self/mountinfo (proc(5)): the fifth field, with spaces as `\040`. */
export function mountPoints(mountInfo: string): ReadonlySet<string> {
  const points = mountInfo.split('\n').map((line) => line.split(' ')[4] ?? '');
  return new Set(
    points.map((it) =>
      it.replaceAll(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8))),
    ),
  );
}

/** False where there is nothing of that name. */
export async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Names in a folder; none where it is not there. */
export async function namesIn(path: string): Promise<readonly string[]> {
  return (await exists(path)) ? readdir(path) : [];
}

/** The links of a directory that was replaced lead to where its parts are kept. */
function originalWal(target: string, label: string): string {
  const kept = `.replaced-${label}`;
  return target.endsWith(kept) ? target.slice(0, -kept.length) : target;
}

function originalLocation(target: string): string {
  const name = basename(target);
  return name.startsWith(KEPT_TABLESPACE) || name === FRESH_TABLESPACE ? dirname(target) : target;
}

function refuseMount(mounts: ReadonlySet<string>, path: string, what: string): void {
  if (mounts.has(path))
    throw refused(
      `${what} is a mount point, ${path}, and nothing can take its place: use a directory below it, or make the copy by hand`,
    );
}

function refused(reason: string): PrimacyError {
  return new PrimacyError('refused', `cannot take a base backup: ${reason}`);
}
