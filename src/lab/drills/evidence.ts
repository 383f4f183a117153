/** Keeps what the hosts of a lab wrote about a run that failed: the lab itself is gone before anybody looks. */
import { cp, mkdir, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** Logs, journals and what agents remember. Not the data. */
const KEPT = ['log', 'lib/primacy'] as const;
/** What is larger is no log: a rescued segment, a bundle. */
const MAX_BYTES = 5_000_000;

/**
 * Copies logs and journals of every host below `hosts` (a lab's folder of hosts) into `folder`, a folder for each host. A file that ends
 * meanwhile is left out; throws where `folder` cannot be written.
 */
export async function keepEvidence(hosts: string, folder: string): Promise<void> {
  for (const host of await readdir(hosts)) {
    for (const part of KEPT) {
      const from = join(hosts, host, part);
      if (!(await isSmall(from))) continue;
      const to = join(folder, host, part);
      await mkdir(to, { recursive: true });
      await cp(from, to, { recursive: true, filter: isSmall });
    }
  }
}

async function isSmall(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return found !== null && (found.isDirectory() || (found.isFile() && found.size <= MAX_BYTES));
}
