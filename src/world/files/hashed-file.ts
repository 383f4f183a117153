/** Writes a file piece by piece so that its name appears only once all of it is on disk, and tells its sha256. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';

export interface FileSum {
  readonly bytes: number;
  readonly sha256: string;
}

export interface HashedFile {
  readonly write: (text: string) => Promise<void>;
  /** Makes it durable and gives it its name. */
  readonly complete: () => Promise<FileSum>;
  /** Removes what was written. Does nothing after `complete`. */
  readonly discard: () => Promise<void>;
}

/** So much is collected before it is written. */
const BUFFER_BYTES = 262_144;

/** Begins `path`.tmp, mode 0600. Its methods reject with the system's error, such as ENOSPC. */
export async function createHashedFile(path: string): Promise<HashedFile> {
  const temporary = `${path}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  const hash = createHash('sha256');
  let parts: Buffer[] = [];
  let waiting = 0;
  let bytes = 0;
  let isOpen = true;
  const flush = async (): Promise<void> => {
    const block = Buffer.concat(parts);
    parts = [];
    waiting = 0;
    hash.update(block);
    bytes += block.length;
    await file.appendFile(block);
  };
  return {
    write: async (text) => {
      const part = Buffer.from(text, 'utf8');
      parts.push(part);
      waiting += part.length;
      if (waiting >= BUFFER_BYTES) await flush();
    },
    complete: async () => {
      await flush();
      await file.sync();
      await file.close();
      isOpen = false;
      await rename(temporary, path);
      return { bytes, sha256: hash.digest('hex') };
    },
    discard: async () => {
      if (!isOpen) return;
      isOpen = false;
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}

/** The sum of a file that is there. */
export async function sumOf(path: string): Promise<FileSum> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
