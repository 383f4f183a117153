/** What a holder that was not promoted yet still lacks of the WAL of the primary that it succeeded, and what its own death proves. Pure. */
import type { DeathCertificate } from '../model/death-certificate.ts';
import { known, type Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';

interface Place {
  readonly timeline: number;
  readonly endLsn: Lsn;
}

/** How far this node's own server has come; null = not known. */
interface Reached {
  readonly timeline: number | null;
  readonly lsn: Lsn | null;
}

/**
 * Where the WAL ends that this node owes for its lease, null = it owes none any more: it has all of it, or was promoted, which is on a
 * timeline of its own. It may give its place only to a standby that has come so far.
 */
export function debtOf(owed: Known<Place | null>, { timeline, lsn }: Reached): Known<Lsn | null> {
  if (owed.kind === 'unknown') return owed;
  if (owed.value === null || timeline === null) return known(owed.value?.endLsn ?? null);
  const isSettled = timeline > owed.value.timeline || hasAll(owed.value, { timeline, lsn });
  return known(isSettled ? null : owed.value.endLsn);
}

/**
 * What a successor is given. The death of a holder that was never promoted proves nothing of what was acknowledged: that is what the primary
 * before it proved, and how its commits waited (simulation seed 3412289: a third node was promoted without rows that the second waited for).
 */
export function inheritedProof<Proof extends Place & Pick<DeathCertificate, 'synchronous'>>(
  owed: Proof | null,
  own: Proof,
): Proof {
  if (owed === null || own.timeline > owed.timeline) return own;
  const { timeline, endLsn: lsn } = own;
  return hasAll(owed, { timeline, lsn }) ? { ...own, synchronous: owed.synchronous } : owed;
}

function hasAll({ timeline: last, endLsn }: Place, { timeline, lsn }: Reached): boolean {
  return timeline === last && lsn !== null && lsn >= endLsn;
}
