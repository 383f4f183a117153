/** The fence marker's file: written durably before a fence acts, removed durably when the fence is lifted. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseFenceMarker, type FenceMarker } from '../../core/model/fence-marker.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { removeDurably, writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

/** The marker, or null where none stands. A file that cannot be read or understood is unknown, which must never open a gate. */
export async function readFenceMarker(path: string): Promise<Known<FenceMarker | null>> {
  try {
    const text = await readOptional(path);
    return known(text === null ? null : parseFenceMarker(JSON.parse(text)));
  } catch (error) {
    return unknown(`cannot read fence marker ${path}: ${errorText(error)}`);
  }
}

/** Sets or replaces the marker. When it returns, the marker survives a loss of power. */
export async function writeFenceMarker(path: string, marker: FenceMarker): Promise<void> {
  await writeAtomically(path, `${JSON.stringify(marker)}\n`, { mode: 0o644 });
}

/** Lifts the marker durably. */
export async function removeFenceMarker(path: string): Promise<void> {
  await removeDurably(path);
}
