/** The lease as this node has it: epoch, entitlement, its vote, and which other voters it hears. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Nothing where this agent takes no part in a lease. */
export function leaseMetrics({ lease }: ScrapeView): readonly MetricSample[] {
  if (lease === null) return [];
  const { epoch, remainingMs, overrideUntil, pauseUntil, memoryBroken, stopped } = lease;
  return [
    ...(epoch === null ? [] : [metric('primacy_lease_epoch', epoch)]),
    metric('primacy_lease_held', remainingMs === null ? 0 : 1),
    ...(remainingMs === null ? [] : [metric('primacy_lease_remaining_seconds', remainingMs / 1000)]),
    metric('primacy_lease_override_expiry_timestamp_seconds', overrideUntil ?? 0),
    metric('primacy_lease_pause_expiry_timestamp_seconds', pauseUntil ?? 0),
    metric('primacy_lease_memory_intact', memoryBroken === null && stopped === null ? 1 : 0),
    ...counted('primacy_votes_total', 'verdict', lease.votes),
    ...counted('primacy_vote_refusals_total', 'reason', lease.refusals),
    ...lease.contacts.map(({ peer, contact }) => metric('primacy_peer_contact', contact ? 1 : 0, { peer })),
    ...lease.contacts
      .filter(({ agrees }) => agrees !== null)
      .map(({ peer, agrees }) =>
        metric('primacy_peer_configuration_agrees', agrees === true ? 1 : 0, { peer }),
      ),
  ];
}

function counted(name: string, label: string, counts: ReadonlyMap<string, number>): readonly MetricSample[] {
  return [...counts].map(([value, count]) => metric(name, count, { [label]: value }));
}
