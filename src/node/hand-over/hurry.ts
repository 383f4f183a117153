/** The markers by which the restore wrapper knows that a rescue or a promotion is under way, and must answer at once. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { bootMillis } from '../../world/clock.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';

/** `rescue`: nothing but what was fetched. `promoting`: besides, every history file ever seen is shown. */
export type Hurry = 'rescue' | 'promoting';

/** Sets the marker for at most `seconds`: one that was forgotten ends by itself. */
export async function setHurry(restoreDirectory: string, hurry: Hurry, seconds: number): Promise<void> {
  const until = Math.ceil((bootMillis() + seconds * 1_000) / 10);
  await writeAtomically(join(restoreDirectory, hurry), `${until}\n`, { mode: 0o644, durable: false });
}

/**
 * Removes both markers and what was fetched; the chain stays. After a promotion, or where a rescue was given up: the standby then goes on
 * as before.
 */
export async function endHurry(restoreDirectory: string): Promise<void> {
  for (const hurry of ['rescue', 'promoting']) await rm(join(restoreDirectory, hurry), { force: true });
  for (const name of await fetchedFiles(restoreDirectory))
    await rm(join(restoreDirectory, name), { force: true });
}

/** What a rescue left: segments, history files, and parts of them. */
async function fetchedFiles(restoreDirectory: string): Promise<readonly string[]> {
  try {
    const names = await readdir(restoreDirectory);
    return names.filter((name) => /^\.?([0-9A-F]{24}|[0-9A-F]{8}\.history)(\.part)?$/.test(name));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
