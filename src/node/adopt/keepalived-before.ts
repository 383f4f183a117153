/** Remembers keepalived.conf as it was before it was taken over, so that `primacy unadopt` puts it back to the letter. */
import { readFile, stat } from 'node:fs/promises';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../../world/files/atomic-write.ts';
import { readOptional } from '../../world/files/read-optional.ts';

export interface KeepalivedBefore {
  readonly text: string;
  /** Permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** What was written instead: another text is a person's work, and stays. */
  readonly written: string;
}

/** Null where nothing was taken over. Throws `output-invalid` where the file cannot be understood: a person must look. */
export async function readKeepalivedBefore(path: string): Promise<KeepalivedBefore | null> {
  const text = await readOptional(path);
  if (text === null) return null;
  const found = JSON.parse(text) as Partial<Record<keyof KeepalivedBefore, unknown>>;
  const isWhole =
    typeof found.text === 'string' &&
    typeof found.written === 'string' &&
    [found.mode, found.uid, found.gid].every((it) => Number.isInteger(it));
  if (isWhole) return found as KeepalivedBefore;
  throw new PrimacyError('output-invalid', `cannot read ${path}: a field is not as expected`);
}

/** Mode 0600: a VRRP password may be in it. */
export async function rememberKeepalived(path: string, configFile: string, written: string): Promise<void> {
  const { mode, uid, gid } = await stat(configFile);
  const before: KeepalivedBefore = {
    text: await readFile(configFile, 'utf8'),
    mode: mode & 0o777,
    uid,
    gid,
    written,
  };
  await writeAtomically(path, `${JSON.stringify(before)}\n`);
}
