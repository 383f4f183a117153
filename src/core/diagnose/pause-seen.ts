/** A pause, as one round of looks shows it: people are at work, and nobody is to be promoted or joined meanwhile. */
import type { LeaseObservation, Snapshot } from '../model/observation.ts';

export interface SeenPause {
  /** RFC 3339. */
  readonly until: string;
  readonly by: string;
  readonly reason: string;
}

/** Of the newest lease that anybody has in writing the newest pause, unless that has ended or its time has passed. */
export function pauseSeen(snapshot: Snapshot): SeenPause | null {
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

/** Every lease that a node which answered has in writing. */
export function leasesIn({
  nodes,
}: Snapshot): readonly { readonly node: string; readonly lease: LeaseObservation }[] {
  return [...nodes].flatMap(([node, look]) =>
    look.kind === 'known' && look.value.lease.kind === 'known' && look.value.lease.value !== null
      ? [{ node, lease: look.value.lease.value }]
      : [],
  );
}
