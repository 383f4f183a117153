/** Ends a lab: its marked processes (with everything in their namespaces), then its folder. Needs nothing but the name. */
import { readdir, rm, rmdir } from 'node:fs/promises';
import { killMarked } from './hosts/power.ts';
import { LAB_ROOT, labDirectory } from './state.ts';
import { labExists } from './up/up.ts';

export interface Removed {
  readonly name: string;
  /** Hosts and parts that were alive. */
  readonly processes: readonly string[];
  /** The folder, or null where there was none. */
  readonly folder: string | null;
}

/** Ends and removes; called again it finds nothing and says so. Links, bridges and mounts end with the processes that hold their namespaces. */
export async function labDown(name: string): Promise<Removed> {
  const processes = await killMarked(name, () => true);
  const folder = labDirectory(name);
  const existed = await labExists(name);
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  await removeRootWhenEmpty();
  return { name, processes: [...processes].toSorted(), folder: existed ? folder : null };
}

async function removeRootWhenEmpty(): Promise<void> {
  try {
    if ((await readdir(LAB_ROOT)).length === 0) await rmdir(LAB_ROOT);
  } catch (error) {
    // Another lab may come or go at this moment; then the folder is not ours to remove.
    if (!['ENOENT', 'ENOTEMPTY'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
  }
}
