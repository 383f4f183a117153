/** Which of the configured nodes this host is. */
import { hostname, networkInterfaces } from 'node:os';
import { findNode, type ValidConfig } from '../config/load.ts';
import type { ClusterConfig, NodeConfig } from '../config/schema.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';

export interface Identity {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
}

/** The named node, else the one with our host name, else the only one with a local address. Throws `config-invalid` otherwise. */
export function identifyNode(config: ValidConfig, name: string | undefined): Identity {
  if (name !== undefined) return findNode(config, name);
  const all = config.clusters.flatMap((cluster) => cluster.nodes.map((node) => ({ cluster, node })));
  const host = hostname().split('.')[0];
  const byName = all.filter(({ node }) => node.name === host);
  if (byName[0] !== undefined && byName.length === 1) return byName[0];
  const local = new Set(
    Object.values(networkInterfaces()).flatMap((list) => (list ?? []).map((it) => it.address)),
  );
  const byAddress = all.filter(({ node }) => node.addresses.some((address) => local.has(address)));
  if (byAddress[0] !== undefined && byAddress.length === 1) return byAddress[0];
  throw new PrimacyError(
    'config-invalid',
    `cannot tell which node this is: neither the host name ${host ?? ''} nor one local address is that of one node; give --node`,
  );
}
