/** Whether a bundle is whole: finished, and each file as long and with the sum that its manifest says. */
import { join } from 'node:path';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { StoredBundle } from '../../world/files/bundle-list.ts';
import { sumOf } from '../../world/files/hashed-file.ts';
import type { BundleManifest } from '../../world/files/salvage-bundle.ts';

/** Returns the manifest. Throws `refused` for an unfinished bundle, `output-invalid` naming every file that is not as it was written. */
export async function verifyBundle({ name, directory, manifest }: StoredBundle): Promise<BundleManifest> {
  if (manifest === null)
    throw new PrimacyError(
      'refused',
      `cannot use bundle ${name}: it was never finished; the account that began it makes it again`,
    );
  const damaged: string[] = [];
  for (const [file, sum] of Object.entries(manifest.sums)) {
    const problem = await problemOf(join(directory, file), sum);
    if (problem !== null) damaged.push(`${file} ${problem}`);
  }
  if (damaged.length > 0)
    throw new PrimacyError(
      'output-invalid',
      `cannot use bundle ${name}: it is damaged: ${damaged.join('; ')}`,
    );
  return manifest;
}

async function problemOf(
  path: string,
  expected: { readonly bytes: number; readonly sha256: string },
): Promise<string | null> {
  try {
    const { bytes, sha256 } = await sumOf(path);
    if (bytes !== expected.bytes) return `has ${bytes} bytes and should have ${expected.bytes}`;
    return sha256 === expected.sha256 ? null : 'has other content than was written';
  } catch (error) {
    return `cannot be read (${errorText(error)})`;
  }
}
