/** The lease's terms of one node, and the digest by which nodes know that they have the same ones. */
import { createHash } from 'node:crypto';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { LeaseConfig } from '../../core/lease/lease.ts';
import type { NodeName } from '../../core/model/names.ts';

/** All configured nodes vote, the witness included. */
export function leaseConfigOf(cluster: ClusterConfig, node: NodeConfig): LeaseConfig {
  const { renewSeconds, leaseSeconds, promotionWaitSeconds, clockDriftPercent } = cluster.timings;
  return {
    self: node.name as NodeName,
    voters: cluster.nodes.map((it) => it.name as NodeName),
    digest: digestOf(cluster),
    renewMs: renewSeconds * 1000,
    leaseMs: leaseSeconds * 1000,
    waitMs: promotionWaitSeconds * 1000,
    clockDriftPercent,
  };
}

/** sha256 of the voters with their addresses and of the lease's terms, whatever their order in primacy.yml; 64 hex digits. */
function digestOf(cluster: ClusterConfig): string {
  const voters = cluster.nodes
    .map(({ name, addresses }) => [name, addresses.toSorted()] as const)
    .toSorted(([a], [b]) => (a < b ? -1 : 1));
  const { timings } = cluster;
  const terms = [
    timings.renewSeconds,
    timings.leaseSeconds,
    timings.clockDriftPercent,
    timings.deadManSeconds,
    timings.killSeconds,
    timings.marginSeconds,
    timings.promotionWaitSeconds,
  ];
  return createHash('sha256').update(JSON.stringify({ voters, terms })).digest('hex');
}
