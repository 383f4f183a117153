/** Which bundles a command means: this node's, those of a lab's hosts, or a folder that was copied here. */
import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { paths } from '../../config/paths.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { hostDirectory, readLabState } from '../../lab/state.ts';
import { databaseHosts, topologyOf } from '../../lab/topology.ts';
import { listBundles, readBundle, type StoredBundle } from '../../world/files/bundle-list.ts';

export interface PlaceFlags {
  /** A lab. */
  readonly name?: string;
  readonly json?: boolean;
}

/** A bundle, and the lab's host whose disk it is on; null = this node's. */
export interface FoundBundle extends StoredBundle {
  readonly host: string | null;
}

/** All of them. */
export async function findBundles({ name: lab }: PlaceFlags): Promise<readonly FoundBundle[]> {
  if (lab === undefined)
    return (await listBundles(paths.salvageDirectory)).map((it) => ({ ...it, host: null }));
  const { nodes } = await readLabState(lab);
  const found: FoundBundle[] = [];
  for (const host of databaseHosts(topologyOf(lab, nodes))) {
    const folder = join(hostDirectory(lab, host.name), 'lib/primacy/salvage');
    found.push(...(await listBundles(folder)).map((it) => ({ ...it, host: host.name })));
  }
  return found;
}

/** One by its name, or by the path of its folder. Throws `usage` where there is none, or where two hosts have it. */
export async function findBundle(wanted: string, flags: PlaceFlags): Promise<FoundBundle> {
  if (wanted.includes('/')) {
    const directory = resolve(wanted);
    try {
      await access(directory);
    } catch (error) {
      throw new PrimacyError('usage', `cannot find bundle ${wanted}: there is no such folder`, {
        cause: error,
      });
    }
    return { ...(await readBundle(directory)), host: null };
  }
  const all = await findBundles(flags);
  const [found, ...others] = all.filter((it) => it.name === wanted || `${it.host}:${it.name}` === wanted);
  if (found !== undefined && others.length === 0) return found;
  const names = all.map((it) => (it.host === null ? it.name : `${it.host}:${it.name}`)).join(', ');
  throw new PrimacyError(
    'usage',
    `cannot find ${found === undefined ? '' : 'only one '}bundle ${JSON.stringify(wanted)}: there ${all.length === 0 ? 'is none' : `are ${names}`}`,
  );
}
