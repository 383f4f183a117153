/** The gate: keepalived's track file, where 0 lets the VIP in and 1 holds the node in FAULT. */
import { readFile } from 'node:fs/promises';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { writeAtomically } from '../files/atomic-write.ts';

const OPEN = '0\n';
const CLOSED = '1\n';

/** Opens or closes the gate by rename: keepalived sees either the old value or the new one, within a few milliseconds. */
export async function writeGate(path: string, open: boolean): Promise<void> {
  await writeAtomically(path, open ? OPEN : CLOSED, { mode: 0o644, durable: false });
}

/**
 * Whether keepalived takes the gate as open. keepalived reads anything that is not a number as 0, which is open, so
 * only a clear `1` is closed and only a clear `0` is open here; all else is unknown.
 */
export async function readGate(path: string): Promise<Known<boolean>> {
  try {
    const text = (await readFile(path, 'utf8')).trim();
    if (text === '0') return known(true);
    if (text === '1') return known(false);
    return unknown(`the gate file holds ${JSON.stringify(text.slice(0, 20))}`);
  } catch (error) {
    return unknown(`cannot read the gate file: ${errorText(error)}`);
  }
}
