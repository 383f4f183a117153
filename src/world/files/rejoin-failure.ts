/** That the last rejoin of this node did not succeed, on disk, so that an alert shows it until one does. */
import { rm } from 'node:fs/promises';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export interface RejoinFailure {
  /** Milliseconds since 1970 on this host. */
  readonly at: number;
  /** One sentence, without full stop. */
  readonly reason: string;
}

/** The failure, or null where the last rejoin succeeded or there was none. Read by hand: the agent carries no schema library. */
export async function readRejoinFailure(path: string): Promise<Known<RejoinFailure | null>> {
  try {
    const text = await readOptional(path);
    if (text === null) return known(null);
    const { at, reason } = JSON.parse(text) as Partial<RejoinFailure>;
    return typeof at === 'number' && typeof reason === 'string'
      ? known({ at, reason })
      : unknown(`cannot read ${path}: expected at and reason`);
  } catch (error) {
    return unknown(`cannot read ${path}: ${errorText(error)}`);
  }
}

/** Writes it durably. */
export async function writeRejoinFailure(path: string, failure: RejoinFailure): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(failure)}\n`);
}

/** Removes it; does nothing where there is none. */
export async function clearRejoinFailure(path: string): Promise<void> {
  await rm(path, { force: true });
}
