/** Reads secrets, one per file and never in primacy.yml; a file that cannot be used is a fault of the configuration line that names it. */
import { readFile, stat } from 'node:fs/promises';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { formatPath } from './consistency.ts';
import { whereIs, type ValidConfig } from './load.ts';
import type { ConfigPath } from './position.ts';

export interface SecretFile {
  readonly value: string;
  /** A sentence where others than its owner can read the file, else null. */
  readonly warning: string | null;
}

/**
 * Reads the secret file that the configuration names at `path`, such as `['responder', 'secretFiles', 'webhookToken']`.
 * One newline at the end does not belong to the secret. Throws `config-invalid`, with the place of that line, where the file
 * cannot be read or is empty. Never puts a secret into a message.
 */
export async function readSecret(config: ValidConfig, path: ConfigPath): Promise<SecretFile> {
  const file = valueAt(config, path);
  const complaint = (found: string, cause?: unknown): PrimacyError =>
    new PrimacyError(
      'config-invalid',
      `${whereIs(config, path)}: ${formatPath(path)}: expected a readable file with one secret, found ${found}`,
      { cause },
    );
  let text: string;
  let mode: number;
  try {
    text = await readFile(file, 'utf8');
    mode = (await stat(file)).mode;
  } catch (error) {
    throw complaint(errorText(error), error);
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw complaint(`that ${file} is empty`);
  const open = (mode & 0o007) !== 0;
  return { value, warning: open ? `everybody on this host can read the secret ${file}` : null };
}

function valueAt(config: ValidConfig, path: ConfigPath): string {
  let value: unknown = config;
  for (const part of path) value = (value as Readonly<Record<string | number, unknown>>)[part];
  if (typeof value !== 'string') throw new TypeError(`${formatPath(path)} is not the name of a file`);
  return value;
}
