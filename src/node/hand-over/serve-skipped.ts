/** Lets standbys follow a primary past numbers of timelines that its promotion had to skip. */
import { chown, copyFile, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { timelineOfHistoryFile } from '../../core/divergence/wal-position.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import type { HandOverContext } from './context.ts';

/** PostgreSQL passes over a file of another name. */
const HALF = '.primacy';

/**
 * A standby asks its primary for every history file between its own timeline and the primary's, and ends where one is missing
 * (walreceiver.c, WalRcvFetchTimeLineHistoryFiles); measured: it never streams. The files of discarded timelines, whose numbers the promotion
 * saw used in an archive, were hidden from this server and are not among its own. So they are put there, once it is past them: the newest
 * history decides, and that is its own. To be called on a primary.
 */
export async function serveSkipped(
  { cluster, paths }: Pick<HandOverContext, 'cluster' | 'paths'>,
  timeline: TimelineId,
): Promise<void> {
  const wal = join(cluster.postgres.dataDirectory, 'pg_wal');
  const known = join(paths.restoreDirectory, 'known');
  const [seen, own] = await Promise.all([readdir(known), readdir(wal)]);
  const skipped = seen.filter((name) => {
    const number = timelineOfHistoryFile(name);
    return number !== null && number < timeline && !own.includes(name);
  });
  if (skipped.length === 0) return;
  const { uid, gid } = await stat(wal);
  for (const name of skipped) {
    const half = join(wal, `${name}${HALF}`);
    await copyFile(join(known, name), half);
    await chown(half, uid, gid);
    await rename(half, join(wal, name));
  }
}
