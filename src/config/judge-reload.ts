/** What of a changed configuration a running agent may take, and what it must be stopped for. */
import type { ClusterConfig, NodeConfig } from './schema.ts';

interface Identity {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
}

/**
 * Why an agent must not go on with the other configuration while it runs; null where it may. What is refused would make it another node,
 * or deaf to voters that have not changed yet. Voters and times may change: each renewal tells the voters which wait they owe to it, and
 * nothing new is granted before all agree. One sentence without full stop.
 */
export function whyNotReloaded(before: Identity, after: Identity): string | null {
  const fixed: readonly (readonly [name: string, before: unknown, after: unknown])[] = [
    ['clusters[].name', before.cluster.name, after.cluster.name],
    ['the name of this node', before.node.name, after.node.name],
    ['its kind', before.node.kind, after.node.kind],
    ['postgres.dataDirectory', before.cluster.postgres.dataDirectory, after.cluster.postgres.dataDirectory],
    ['agent.port', before.cluster.agent.port, after.cluster.agent.port],
    ['agent.voterPort', before.cluster.agent.voterPort, after.cluster.agent.voterPort],
    ['agent.secretFile', before.cluster.agent.secretFile, after.cluster.agent.secretFile],
  ];
  const known = before.cluster.systemIdentifier;
  const changed = fixed.find(([, was, is]) => was !== is);
  if (changed !== undefined) {
    const [name, was, is] = changed;
    return `${name} is ${JSON.stringify(is)}, and the running agent has ${JSON.stringify(was)}: stop it on every node and start it again`;
  }
  if (known !== null && known !== after.cluster.systemIdentifier)
    return `systemIdentifier is ${String(after.cluster.systemIdentifier)}, and this cluster's is ${known}`;
  return null;
}
