/** Writes files into a lab host's own /etc from this machine, whether the host is powered or not. */
import { chown, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { hostDirectory } from '../state.ts';
import type { Identity } from './prepare.ts';

export interface HostFile {
  /** Absolute inside the host, below /etc. */
  readonly path: string;
  readonly content: string;
  /** Default 0644. */
  readonly mode?: number;
  /** Default root. */
  readonly owner?: Identity;
}

/** Writes the files, with their folders. */
export async function writeHostFiles(lab: string, host: string, files: readonly HostFile[]): Promise<void> {
  for (const file of files) {
    const path = join(hostDirectory(lab, host), file.path);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, file.content, { mode: file.mode ?? 0o644 });
    if (file.owner !== undefined) await chown(path, file.owner.uid, file.owner.gid);
  }
}
