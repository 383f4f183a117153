/** Which leases this node really held: only after such a one may it claim again without the criteria of a failover. */
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export interface HeldLease {
  /** The uuid of the last lease that a majority granted to this node, then those of its own claims in vain after it. */
  readonly uuids: readonly string[];
  /** The highest epoch in which a majority granted the first of them; 0 = none did. */
  readonly epoch: number;
  /** The death certificate that came with the lease, as JSON value, until this node was promoted under it; null = nothing is owed. */
  readonly owed: unknown;
}

export const NONE_HELD: HeldLease = { uuids: [], epoch: 0, owed: null };

/** More claims in vain than this in a row, and the last ones are forgotten: a failover's criteria decide then. */
const KEPT = 100;

/** Nothing held where there is no file. Throws `output-invalid` where it cannot be understood: to be taken as nothing held. */
export async function readHeldLease(path: string): Promise<HeldLease> {
  const text = await readOptional(path);
  if (text === null) return NONE_HELD;
  try {
    const { uuids, epoch, owed } = JSON.parse(text) as { readonly [field in keyof HeldLease]?: unknown };
    const hasUuids = Array.isArray(uuids) && uuids.every((it) => typeof it === 'string');
    if (hasUuids && typeof epoch === 'number') return { uuids, epoch, owed: owed ?? null };
    throw new PrimacyError('output-invalid', 'expected a list of uuids and an epoch');
  } catch (error) {
    throw new PrimacyError('output-invalid', `cannot read held lease ${path}: ${errorText(error)}`, {
      cause: error,
    });
  }
}

/** Durably. */
export async function writeHeldLease(path: string, held: HeldLease): Promise<void> {
  await writeAtomically(path, `${JSON.stringify({ ...held, uuids: held.uuids.slice(0, KEPT) })}\n`);
}
