/** What a lab remembers on disk between two commands: its shape and the addresses people use. Never what can be seen in the kernel. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { writeAtomically } from '../world/files/atomic-write.ts';
import { checkLabName } from './topology.ts';

export interface LabState {
  readonly name: string;
  readonly nodes: number;
  readonly profile: 'fast' | 'article';
  readonly policy: 'observe' | 'approve' | 'auto';
  readonly sync: boolean;
  readonly vip: string;
  /** URLs on this machine's loopback. */
  readonly page: string;
  readonly prometheus: string;
  readonly alertmanager: string;
  /** False until `up` has verified the cluster. */
  readonly ready: boolean;
}

/** All labs of this machine live below this folder: on disk, so that fsync means what it says. */
export const LAB_ROOT = '/var/lib/primacy-lab';

/** The folder of one lab. */
export function labDirectory(name: string): string {
  return join(LAB_ROOT, checkLabName(name));
}

/** Where a host's own folders lie on this machine. */
export function hostDirectory(lab: string, host: string): string {
  return join(labDirectory(lab), 'hosts', host);
}

/** Remembers the lab. */
export async function writeLabState(state: LabState): Promise<void> {
  await writeAtomically(join(labDirectory(state.name), 'lab.json'), `${JSON.stringify(state, null, 2)}\n`, {
    mode: 0o644,
  });
}

/** Reads a lab. Throws `usage` where there is none of that name. */
export async function readLabState(name: string): Promise<LabState> {
  const path = join(labDirectory(name), 'lab.json');
  try {
    return JSON.parse(await readFile(path, 'utf8')) as LabState;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    throw new PrimacyError(
      'usage',
      `cannot find lab ${JSON.stringify(name)}: start it with "primacy lab up --name ${name}"`,
    );
  }
}
