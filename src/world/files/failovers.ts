/** The failovers that this node began, on disk: what the cooldown of the next one is judged by. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { EpochMillis } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export interface Failover {
  readonly at: EpochMillis;
  readonly epoch: number;
  readonly way: string;
  /** A standby was seen to stream from this node after it: that failover was made good. */
  readonly rejoined: boolean;
}

/** More than any limit counts. */
const KEPT = 50;

/** All that are remembered, oldest first. A file that cannot be understood is unknown, which forbids another failover. */
export async function readFailovers(path: string): Promise<Known<readonly Failover[]>> {
  try {
    const text = await readOptional(path);
    return known(text === null ? [] : parse(JSON.parse(text)));
  } catch (error) {
    return unknown(`cannot read failovers ${path}: ${errorText(error)}`);
  }
}

/** Replaces the file durably. */
export async function writeFailovers(path: string, failovers: readonly Failover[]): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(failovers.slice(-KEPT))}\n`, { mode: 0o644 });
}

function parse(value: unknown): readonly Failover[] {
  if (!Array.isArray(value)) throw new PrimacyError('output-invalid', 'expected a list');
  return value.map((entry: Partial<Record<keyof Failover, unknown>>) => {
    const { at, epoch, way, rejoined } = entry;
    if (!Number.isFinite(at) || !Number.isSafeInteger(epoch) || typeof way !== 'string')
      throw new PrimacyError('output-invalid', `not a failover: ${JSON.stringify(entry)}`);
    return { at: at as EpochMillis, epoch: epoch as number, way, rejoined: rejoined === true };
  });
}
