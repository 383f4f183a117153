/** Reads one secret from its file. Apart from secrets.ts, because the agent reads one and must not load the configuration's parser. */
import { readFile, stat } from 'node:fs/promises';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';

export interface SecretFile {
  readonly value: string;
  /** A sentence where others than its owner can read the file, else null. */
  readonly warning: string | null;
}

/**
 * One newline at the end does not belong to the secret. Throws `config-invalid` where the file cannot be read or is empty; the message
 * says what was found, and never the secret.
 */
export async function readSecretFile(file: string): Promise<SecretFile> {
  let text: string;
  let mode: number;
  try {
    text = await readFile(file, 'utf8');
    mode = (await stat(file)).mode;
  } catch (error) {
    throw new PrimacyError('config-invalid', errorText(error), { cause: error });
  }
  const value = text.replace(/\r?\n$/, '');
  if (value === '') throw new PrimacyError('config-invalid', `that ${file} is empty`);
  const open = (mode & 0o007) !== 0;
  return { value, warning: open ? `everybody on this host can read the secret ${file}` : null };
}
