/** Reads a file that may be absent: absence is an answer, any other trouble is an error. */
import { readFile } from 'node:fs/promises';

/** The text, or null where there is no such file. Rejects with the system's error on anything else. */
export async function readOptional(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
