/** Lets a finished copy take the old directories' place, which are kept, each on its own file system. */
import { chown, lchown, lstat, mkdir, rename, rm, stat, symlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncDirectory } from '../files/atomic-write.ts';
import {
  exists,
  FRESH_TABLESPACE,
  freshPathOf,
  keptPathOf,
  keptTablespaceOf,
  linkTarget,
  namesIn,
  realPlace,
} from './backup-places.ts';

/**
 * Puts the copy in place and keeps the old directories under `label`; the old data directory's links lead to what was kept of its WAL
 * and tablespaces, so that it stays a whole one. Called again after a crash, it ends the same.
 */
export async function swapDirectories(dataDirectory: string, label: string): Promise<void> {
  const real = await realPlace(dataDirectory);
  const fresh = freshPathOf(real);
  if (!(await exists(fresh))) return;
  const kept = keptPathOf(real, label);
  const original = (await exists(kept)) ? kept : real;
  for (const oid of await namesIn(join(fresh, 'pg_tblspc')))
    await swapTablespace(fresh, original, oid, label);
  await swapWal(fresh, original, label);
  await replace(fresh, real, kept);
}

/** The copy's link leads into the location's new part; when that part is in place, to the location itself. */
async function swapTablespace(fresh: string, original: string, oid: string, label: string): Promise<void> {
  const link = join(fresh, 'pg_tblspc', oid);
  const part = await linkTarget(link);
  if (part === null || basename(part) !== FRESH_TABLESPACE) return;
  const location = dirname(part);
  const keptPart = keptTablespaceOf(location, label);
  for (const name of await namesIn(part)) {
    if (!(await exists(keptPart))) await makeFor(location, keptPart);
    await replace(join(part, name), join(location, name), join(keptPart, name));
  }
  await relink(join(original, 'pg_tblspc', oid), keptPart);
  await relink(link, location);
  await rm(part, { recursive: true, force: true });
}

/** A folder of whoever owns the location. */
async function makeFor(location: string, path: string): Promise<void> {
  const { uid, gid } = await stat(location);
  await mkdir(path, { mode: 0o700 });
  await chown(path, uid, gid);
}

async function swapWal(fresh: string, original: string, label: string): Promise<void> {
  const link = join(fresh, 'pg_wal');
  const part = await linkTarget(link);
  const name = part === null ? undefined : /^\.(.*)\.new$/.exec(basename(part))?.[1];
  if (part === null || name === undefined) return;
  const wal = join(dirname(part), name);
  const keptWal = keptPathOf(wal, label);
  if (await exists(part)) await replace(part, wal, keptWal);
  await relink(join(original, 'pg_wal'), keptWal);
  await relink(link, wal);
}

async function replace(fresh: string, path: string, kept: string): Promise<void> {
  // Where the original is kept already, what stands in its place is an earlier copy of a survivor.
  if (await exists(kept)) await rm(path, { recursive: true, force: true });
  else if (await exists(path)) await rename(path, kept);
  await rename(fresh, path);
  await syncDirectory(dirname(path));
}

/** Lets a link that is there lead elsewhere, at once. Does nothing where there is none. */
async function relink(path: string, target: string): Promise<void> {
  if ((await linkTarget(path)) === null) return;
  const { uid, gid } = await lstat(path);
  const temporary = `${path}.primacy`;
  await rm(temporary, { force: true });
  await symlink(target, temporary);
  await lchown(temporary, uid, gid);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}
