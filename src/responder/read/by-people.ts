/** An override of the voters, as one round of looks shows it. */
import { leasesIn } from '../../core/diagnose/pause-seen.ts';
import type { Snapshot } from '../../core/model/observation.ts';
import type { ClusterStatus } from './status.ts';

export function overrideSeen(snapshot: Snapshot): ClusterStatus['override'] {
  const forced = leasesIn(snapshot).find(({ lease }) => lease.override !== null);
  return forced?.lease.override ? { node: forced.node, ...forced.lease.override } : null;
}
