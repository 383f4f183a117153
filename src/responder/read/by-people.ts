/** What people have decided about the lease, as one round of looks shows it: a pause, or an override of the voters. */
import type { LeaseObservation, Snapshot } from '../../core/model/observation.ts';
import type { ClusterStatus } from './status.ts';

/** Of the newest lease that anybody has in writing the newest pause, unless that has ended or its time has passed. */
export function pauseSeen(snapshot: Snapshot): ClusterStatus['pause'] {
  const leases = leasesIn(snapshot).map(({ lease }) => lease);
  const newest = leases.toSorted((a, b) => b.epoch - a.epoch)[0];
  if (newest === undefined || newest.transferredTo !== null) return null;
  const [pause] = leases
    .flatMap((it) => (it.uuid === newest.uuid && it.pause !== null ? [it.pause] : []))
    .toSorted((a, b) => b.number - a.number);
  if (pause === undefined || pause.ended || Date.parse(pause.until) <= snapshot.at) return null;
  const { until, by, reason } = pause;
  return { until, by, reason };
}

export function overrideSeen(snapshot: Snapshot): ClusterStatus['override'] {
  const forced = leasesIn(snapshot).find(({ lease }) => lease.override !== null);
  return forced?.lease.override ? { node: forced.node, ...forced.lease.override } : null;
}

function leasesIn({
  nodes,
}: Snapshot): readonly { readonly node: string; readonly lease: LeaseObservation }[] {
  return [...nodes].flatMap(([node, look]) =>
    look.kind === 'known' && look.value.lease.kind === 'known' && look.value.lease.value !== null
      ? [{ node, lease: look.value.lease.value }]
      : [],
  );
}
