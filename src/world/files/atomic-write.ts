/** Writes a file so that a loss of power leaves either the old content or the new, never a part: temporary file, fsync, rename, fsync of the folder. */
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { randomBytes } from 'node:crypto';

export interface AtomicWriteOptions {
  /** Default 0600. */
  readonly mode?: number;
  /** False on tmpfs, where there is nothing to survive. Default true. */
  readonly durable?: boolean;
  /** Numeric owner of the new file; default ourselves. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/** Replaces `path` by `content`. When it returns, the content survives a loss of power (unless `durable` is false). */
export async function writeAtomically(
  path: string,
  content: string,
  options: AtomicWriteOptions = {},
): Promise<void> {
  const durable = options.durable ?? true;
  const temporary = join(dirname(path), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await open(temporary, 'wx', options.mode ?? 0o600);
    try {
      await file.writeFile(content);
      if (options.owner !== undefined) await file.chown(options.owner.uid, options.owner.gid);
      if (durable) await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  if (durable) await syncDirectory(dirname(path));
}

/** Removes `path` durably; does nothing where it is absent. */
export async function removeDurably(path: string): Promise<void> {
  await rm(path, { force: true });
  await syncDirectory(dirname(path));
}

/** Makes the names in a folder durable. */
export async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
