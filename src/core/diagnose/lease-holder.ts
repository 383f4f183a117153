/** Who has the lease, as far as one round of looks proves it: a right that a majority of all voters still stands by. */
import type { NodeName } from '../model/names.ts';
import type { LeaseObservation, NodeObservation } from '../model/observation.ts';
import type { View } from './view.ts';

export interface LeaseHolder {
  readonly node: NodeName;
  readonly epoch: number;
}

/**
 * The node whose own deadline had not passed, and whose lease is the newest that more than half of all configured voters know:
 * then no majority granted a newer one. Null where that was not seen. More knowledge never takes a holder away, and two
 * different holders cannot come out of one round.
 */
export function leaseHolder(view: View): LeaseHolder | null {
  const known = view.answered.flatMap((it) => leaseOf(it) ?? []);
  for (const { node, lease } of view.answered) {
    if (lease.kind === 'unknown' || lease.value?.entitled !== true || lease.value.holder !== node) continue;
    const own = lease.value;
    const behind = known.filter((it) => it.transferredTo === null && isSame(it, own));
    if (behind.length * 2 > view.snapshot.voters) return { node, epoch: own.epoch };
  }
  return null;
}

/** What is known of a node's own right: `unknown` must be treated as if it had it. */
export function mayHoldLease(observation: NodeObservation): 'yes' | 'no' | 'unknown' {
  const { lease } = observation;
  if (lease.kind === 'unknown') return 'unknown';
  return lease.value?.entitled === true ? 'yes' : 'no';
}

function leaseOf(observation: NodeObservation): LeaseObservation | null {
  return observation.lease.kind === 'known' ? observation.lease.value : null;
}

/** Without the epoch: a holder may raise it, and for a moment not every voter knows. */
function isSame(one: LeaseObservation, other: LeaseObservation): boolean {
  return one.uuid === other.uuid && one.holder === other.holder;
}
