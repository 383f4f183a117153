/** Whether a voter that has forgotten, or is new, may take somebody's word for the newest lease: only what the others bear out. Pure. */
import type { NodeName } from '../model/names.ts';
import { majorityOf, type LeaseConfig } from './lease.ts';
import type { LeaseRequest, Refusal, VoterView } from './message.ts';
import { staleness } from './voter.ts';

/** What the other voters answered to this process, by voter. */
export type Views = ReadonlyMap<NodeName, VoterView>;

/**
 * Why such a voter does not stand by the lease of a request; null where it may. A holder that renews once had a majority behind it, but where
 * its whole host stood still for long, that majority has another holder since, and this voter may be the one that helped it there (simulation
 * seed 3042397). Any majority that it ever helped shares a voter, besides this one, with any majority of all among the others: where so many
 * have answered since it began, and none knows better, nobody has a newer lease (as in the recovery of Viewstamped Replication, Liskov and
 * Cowling 2012).
 */
export function whyNotTrusted<Report>(
  { self, voters }: LeaseConfig,
  views: Views,
  request: LeaseRequest<Report>,
): Refusal | null {
  // An adoption is a person's word, and so is an override; any other claim is refused without a memory in any case.
  if (request.kind === 'look' || request.kind === 'claim') return null;
  if (request.kind === 'renew' && request.forced) return null;
  const { lease } = request;
  const others = voters.filter((it) => it !== self);
  const answers = others.flatMap((it) => views.get(it) ?? []);
  for (const view of answers) {
    const stale = staleness(view, lease);
    if (stale !== null) return stale;
  }
  return answers.length < Math.min(majorityOf(voters), others.length) ? 'no-memory' : null;
}
