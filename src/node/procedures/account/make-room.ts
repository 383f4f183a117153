/** Sees to it that a bundle has room before it is begun: old ones that were put back go, and unfinished ones; one that was not put back never does. */
import { mkdir, statfs } from 'node:fs/promises';
import type { DivergenceAccount } from '../../../core/model/account.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { listBundles, removeBundle, type StoredBundle } from '../../../world/files/bundle-list.ts';
import type { ProcedureContext } from '../context.ts';

const DAY_MS = 86_400_000;
/** WAL, its rows as JSON and as SQL, and what others write meanwhile. */
const COPIES = 4;
const SPARE_BYTES = 67_108_864;

/** Returns what it did. Throws `refused` where the bound of `salvage.maxBytes` or the disk leaves no room: nothing may be rewound then. */
export async function makeRoom(context: ProcedureContext, account: DivergenceAccount): Promise<string> {
  const { salvageDirectory } = context.paths;
  const { keepDays, maxBytes } = context.cluster.salvage;
  await mkdir(salvageDirectory, { recursive: true, mode: 0o700 });
  const needed = account.bytes === 0 ? 0 : account.bytes * COPIES + SPARE_BYTES;
  const oldest = context.clock.wallMillis() - keepDays * DAY_MS;
  const removed: string[] = [];
  let kept = 0;
  for (const bundle of await listBundles(salvageDirectory)) {
    if (bundle.directory === account.bundle) continue;
    if (isDone(bundle, oldest)) {
      await removeBundle(bundle.directory);
      removed.push(bundle.name);
    } else kept += bundle.bytes;
  }
  const { bavail, bsize } = await statfs(salvageDirectory);
  const free = bavail * bsize;
  const said = removed.length === 0 ? '' : `; removed ${removed.join(', ')}`;
  if (needed > 0 && kept + needed > maxBytes)
    throw refused(
      context,
      `the bundles have ${kept} bytes, this one may need ${needed}, and salvage.maxBytes is ${maxBytes}`,
    );
  if (needed > free)
    throw refused(context, `it may need ${needed} bytes, and ${free} are free in ${salvageDirectory}`);
  return `${needed} bytes may be needed, ${free} are free${said}`;
}

/**
 * Nothing of a client in it, or all of it put back or listed, and old enough. One that was never finished has nothing that is not in the data
 * directory still: no rewind begins before its bundle is whole, and the node's lock lets nobody else make one now.
 */
function isDone({ manifest, replayed }: StoredBundle, oldest: number): boolean {
  if (manifest === null) return true;
  if (manifest.createdAt > oldest) return false;
  return manifest.account.clientTransactions === 0 || replayed !== null;
}

function refused({ node }: ProcedureContext, why: string): PrimacyError {
  return new PrimacyError(
    'refused',
    `cannot keep what ${node.name} would lose: ${why}; make room, or replay bundles and remove them`,
  );
}
