/** Keeps what a node is about to discard: its WAL from the fork on and the account of it, durable before anything is rewound. */
import { constants } from 'node:fs';
import { copyFile, mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { AccountContent } from '../../core/model/account-content.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { EpochMillis, RemediationId } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { accountSchema } from '../remote/protocol.ts';
import { syncDirectory, writeAtomically } from './atomic-write.ts';
import type { FileSum } from './hashed-file.ts';
import { readOptional } from './read-optional.ts';

export interface BundleManifest {
  readonly account: DivergenceAccount;
  readonly createdAt: EpochMillis;
  /** Text of the discarded branch's history file; empty on timeline 1. */
  readonly history: string;
  /** The control file's state and checkpoint when it was counted: a rejoin refuses where the server ran since. */
  readonly control: { readonly state: string; readonly checkpointLsn: string };
  /** Names below `wal/`. */
  readonly files: readonly string[];
  /** Null where no client's transaction is in it: then there are no rows either. */
  readonly content: AccountContent | null;
  /** Every file of the bundle but this one, by its path in it. */
  readonly sums: Readonly<Record<string, FileSum>>;
}

const schema = z.object({
  account: accountSchema,
  createdAt: z.custom<EpochMillis>((value) => Number.isFinite(value)),
  history: z.string(),
  control: z.object({ state: z.string(), checkpointLsn: z.string() }),
  files: z.array(z.string()),
  // Bundles of version 0.1.0 have neither.
  content: z.custom<AccountContent | null>((value) => typeof value === 'object').default(null),
  sums: z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() })).default({}),
}) satisfies z.ZodType<BundleManifest>;

const MANIFEST = 'account.json';

/** More accounts than this in one remediation mean that something goes round in circles. */
const BUNDLES_MAX = 100;

/**
 * The first folder of this remediation that is free or `fits` its manifest. A bundle is never overwritten by another account: a node that
 * was rejoined and fenced again under the same remediation has nothing left to count, but its first bundle has.
 */
export async function findBundle(
  salvageDirectory: string,
  remediation: RemediationId,
  fits: (directory: string, manifest: BundleManifest) => boolean,
): Promise<{ readonly directory: string; readonly manifest: BundleManifest | null }> {
  for (let number = 1; number <= BUNDLES_MAX; number += 1) {
    const directory = join(salvageDirectory, number === 1 ? remediation : `${remediation}-${number}`);
    const manifest = await readBundleManifest(directory);
    if (manifest === null || fits(directory, manifest)) return { directory, manifest };
  }
  throw new PrimacyError('refused', `cannot keep another bundle of ${remediation}: it has ${BUNDLES_MAX}`);
}

/** Copies files into `DIRECTORY/NAME` and makes them durable; one that is there already, as long and newer, is kept. */
export async function keepFiles(
  directory: string,
  sources: readonly { readonly path: string; readonly name: string }[],
): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  for (const source of sources) {
    const target = join(directory, source.name);
    if (await isKept(source.path, target)) continue;
    const temporary = `${target}.tmp`;
    await copyFile(source.path, temporary, constants.COPYFILE_FICLONE);
    const file = await open(temporary, 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  }
  await syncDirectory(directory);
}

/** The name appears only after the content was made durable, so what has it is whole. */
async function isKept(source: string, target: string): Promise<boolean> {
  try {
    const [from, to] = await Promise.all([stat(source), stat(target)]);
    return from.size === to.size && to.mtimeMs >= from.mtimeMs;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Writes the manifest last: a bundle with a manifest is complete. */
export async function writeBundleManifest(directory: string, manifest: BundleManifest): Promise<void> {
  const text = JSON.stringify(
    manifest,
    (_key, value: unknown) => (typeof value === 'bigint' ? formatLsn(value as Lsn) : value),
    2,
  );
  await writeAtomically(join(directory, MANIFEST), `${text}\n`);
  await syncDirectory(join(directory, '..'));
}

/** The manifest, or null where the bundle was never finished. Throws `output-invalid` where it cannot be read. */
export async function readBundleManifest(directory: string): Promise<BundleManifest | null> {
  const text = await readOptional(join(directory, MANIFEST));
  if (text === null) return null;
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success)
    throw new PrimacyError(
      'output-invalid',
      `cannot read ${join(directory, MANIFEST)}: ${z.prettifyError(result.error)}`,
    );
  return result.data;
}
