/** Reads secrets, one per file and never in primacy.yml; a file that cannot be used is a fault of the configuration line that names it. */
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { formatPath } from './consistency.ts';
import { whereIs, type ValidConfig } from './load.ts';
import type { ConfigPath } from './position.ts';
import { readSecretFile, type SecretFile } from './secret-file.ts';

/**
 * Reads the secret file that the configuration names at `path`, such as `['responder', 'secretFiles', 'webhookToken']`.
 * One newline at the end does not belong to the secret. Throws `config-invalid`, with the place of that line, where the file
 * cannot be read or is empty. Never puts a secret into a message.
 */
export async function readSecret(config: ValidConfig, path: ConfigPath): Promise<SecretFile> {
  const file = valueAt(config, path);
  try {
    return await readSecretFile(file);
  } catch (error) {
    throw new PrimacyError(
      'config-invalid',
      `${whereIs(config, path)}: ${formatPath(path)}: expected a readable file with one secret, found ${errorText(error)}`,
      { cause: error },
    );
  }
}

function valueAt(config: ValidConfig, path: ConfigPath): string {
  let value: unknown = config;
  for (const part of path) value = (value as Readonly<Record<string | number, unknown>>)[part];
  if (typeof value !== 'string') throw new TypeError(`${formatPath(path)} is not the name of a file`);
  return value;
}
