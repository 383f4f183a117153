/** The other database nodes as this node sees them, by SQL at their own addresses. */
import { ROLES } from '../core/model/role.ts';
import { stateSet, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Each peer that was looked at, in one role; nothing of a peer before the first look. */
export function peerMetrics({ sights }: ScrapeView): readonly MetricSample[] {
  return sights.flatMap(({ node, role }) =>
    stateSet('primacy_peer_role', 'role', ROLES, role, { peer: node }),
  );
}
