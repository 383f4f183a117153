/** The VIP of a cluster, in the forms that others want it. */
import type { ClusterConfig } from './schema.ts';

/** The VIP without its prefix length. */
export function vipAddress(cluster: ClusterConfig): string {
  return cluster.vip.split('/')[0] ?? cluster.vip;
}
