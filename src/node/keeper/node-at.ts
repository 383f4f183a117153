/** Which configured node stands behind a host name or address. */
import type { ClusterConfig } from '../../config/schema.ts';
import type { NodeName } from '../../core/model/names.ts';

/** Null where it is none of them. */
export function nodeAt(cluster: ClusterConfig, host: string | null): NodeName | null {
  if (host === null) return null;
  const node = cluster.nodes.find((it) => it.name === host || it.addresses.includes(host));
  return (node?.name ?? null) as NodeName | null;
}
