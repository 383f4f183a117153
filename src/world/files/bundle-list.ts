/** The salvage bundles of this node: what is on disk, how much it takes, and which of them were put back into the database. */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';
import { readBundleManifest, type BundleManifest } from './salvage-bundle.ts';

/** Who put a bundle back, when, and with what result. */
export interface ReplayMark {
  /** RFC 3339. */
  readonly at: string;
  readonly by: string;
  readonly into: string;
  readonly databases: readonly {
    readonly database: string;
    readonly applied: number;
    readonly alreadyThere: number;
    readonly conflicts: number;
  }[];
}

const markSchema: z.ZodType<ReplayMark> = z.object({
  at: z.string(),
  by: z.string(),
  into: z.string(),
  databases: z.array(
    z.object({
      database: z.string(),
      applied: z.number(),
      alreadyThere: z.number(),
      conflicts: z.number(),
    }),
  ),
});

/** A person's word that nobody will put a bundle back. */
export interface AcknowledgeMark {
  /** RFC 3339; null where somebody wrote the file by hand and did not say. */
  readonly at: string | null;
  readonly by: string;
  readonly why: string;
}

/** Until version 0.1.0 the file was written by hand, and that it is there was enough. */
const acknowledgeSchema: z.ZodType<AcknowledgeMark> = z.object({
  at: z.string().nullable().default(null),
  by: z.string().default('somebody'),
  why: z.string().default('not said'),
});

export interface StoredBundle {
  readonly name: string;
  readonly directory: string;
  readonly bytes: number;
  /** Null where it was never finished. */
  readonly manifest: BundleManifest | null;
  readonly replayed: ReplayMark | null;
  readonly acknowledged: AcknowledgeMark | null;
}

const REPLAYED = 'replayed.json';
const ACKNOWLEDGED = 'acknowledged.json';

/** Every bundle, by name; none where the folder is missing. Throws `output-invalid` where a manifest cannot be read. */
export async function listBundles(salvageDirectory: string): Promise<readonly StoredBundle[]> {
  const names = await namesIn(salvageDirectory);
  const bundles: StoredBundle[] = [];
  for (const name of names) bundles.push(await readBundle(join(salvageDirectory, name)));
  return bundles;
}

/** One bundle, wherever it lies. */
export async function readBundle(directory: string): Promise<StoredBundle> {
  const name = directory.slice(directory.lastIndexOf('/') + 1);
  const manifest = await readBundleManifest(directory);
  const replayed = await readMark(join(directory, REPLAYED), markSchema);
  const acknowledged = await readMark(join(directory, ACKNOWLEDGED), acknowledgeSchema);
  return { name, directory, bytes: await bytesOf(directory), manifest, replayed, acknowledged };
}

/** A person's decision, or the replay's end: the bundle's rows are in the database, or listed as conflicts. */
export async function markReplayed(directory: string, mark: ReplayMark): Promise<void> {
  await writeAtomically(join(directory, REPLAYED), `${JSON.stringify(mark, null, 2)}\n`);
}

/** From now on nothing waits in it. */
export async function markAcknowledged(directory: string, mark: AcknowledgeMark): Promise<void> {
  await writeAtomically(join(directory, ACKNOWLEDGED), `${JSON.stringify(mark, null, 2)}\n`);
}

/** Removes a bundle: the manifest first, so that what is left of it counts as unfinished. */
export async function removeBundle(directory: string): Promise<void> {
  await rm(join(directory, 'account.json'), { force: true });
  await rm(directory, { recursive: true, force: true });
}

async function readMark<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await readOptional(path);
  if (text === null) return null;
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success)
    throw new PrimacyError('output-invalid', `cannot read ${path}: ${z.prettifyError(result.error)}`);
  return result.data;
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((it) => it.isDirectory())
      .map((it) => it.name)
      .toSorted();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function bytesOf(directory: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true }))
    if (entry.isFile()) bytes += (await stat(join(entry.parentPath, entry.name))).size;
  return bytes;
}
