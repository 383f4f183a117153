/** The highest fence number this node has obeyed, on disk before anything is done under it. */
import type { FenceNumber } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { countOf, objectOf } from '../json-fields.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

/**
 * Accepts an order and remembers its number. Throws `superseded` where a greater one was obeyed before: the order comes from a
 * responder that was replaced. An unreadable file refuses everything, because it may have held any number.
 */
export async function acceptFenceNumber(path: string, fenceNumber: FenceNumber): Promise<void> {
  const seen = await greatestFenceNumber(path);
  if (seen !== null && fenceNumber < seen)
    throw new PrimacyError(
      'superseded',
      `cannot obey an order with fence number ${fenceNumber}: this node has obeyed ${seen}`,
    );
  if (fenceNumber !== seen) await writeAtomically(path, `${JSON.stringify({ fenceNumber })}\n`);
}

/** The greatest number obeyed so far; null where none was. Throws `refused` where the file cannot be read. */
export async function greatestFenceNumber(path: string): Promise<number | null> {
  const text = await readOptional(path);
  if (text === null) return null;
  try {
    const it = objectOf(JSON.parse(text), 'fence number');
    return countOf(it['fenceNumber'], 'fenceNumber');
  } catch (error) {
    throw new PrimacyError('refused', `cannot read fence number ${path}: ${errorText(error)}`, {
      cause: error,
    });
  }
}
