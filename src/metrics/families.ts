/** All families of one scrape, in the order of the catalogue. */
import { collectorStatusMetrics } from './collector-status.ts';
import { componentUpMetrics } from './component-up.ts';
import { configMetrics } from './config.ts';
import { failoverMetrics } from './failover.ts';
import { fenceMetrics } from './fence.ts';
import { fencingMetrics } from './fencing.ts';
import { heartbeatMetrics } from './heartbeat.ts';
import { hookMetrics } from './hooks.ts';
import { identityMetrics } from './identity.ts';
import { keepalivedCheckMetrics } from './keepalived-check.ts';
import { pgHistoryMetrics } from './pg-history.ts';
import { pgPositionMetrics } from './pg-positions.ts';
import { pgReplicationMetrics } from './pg-replication.ts';
import { pgRoleMetrics } from './pg-role.ts';
import { pgSynchronousMetrics } from './pg-synchronous.ts';
import { leaseMetrics } from './lease.ts';
import { peerMetrics } from './peers.ts';
import { rejoinMetrics } from './rejoin.ts';
import type { MetricSample } from './sample.ts';
import { vipMetrics } from './vip.ts';
import type { ScrapeView } from './view.ts';
import { vrrpMetrics } from './vrrp.ts';

const families: readonly ((view: ScrapeView) => readonly MetricSample[])[] = [
  identityMetrics,
  componentUpMetrics,
  collectorStatusMetrics,
  configMetrics,
  pgRoleMetrics,
  pgHistoryMetrics,
  pgPositionMetrics,
  pgReplicationMetrics,
  pgSynchronousMetrics,
  heartbeatMetrics,
  vipMetrics,
  vrrpMetrics,
  keepalivedCheckMetrics,
  fenceMetrics,
  fencingMetrics,
  leaseMetrics,
  peerMetrics,
  failoverMetrics,
  hookMetrics,
  rejoinMetrics,
];

/** Every sample of a scrape. Pure: the same view gives the same samples. */
export function metricsOf(view: ScrapeView): readonly MetricSample[] {
  return families.flatMap((family) => family(view));
}
