/** Asks the other database nodes' agents how they stand: adopted, prepared, with the lease, with the VIP. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { NodeStanding } from '../../core/guard/adoption-order.ts';

const ANSWER_LIMIT_MS = 3_000;

/** Every other database node. One that gives no answer is in the list as such: silence permits nothing. */
export function askOtherNodes(cluster: ClusterConfig, node: NodeConfig): Promise<readonly NodeStanding[]> {
  const others = cluster.nodes.filter((it) => it.kind === 'database' && it.name !== node.name);
  return Promise.all(others.map((other) => askNode(cluster, other)));
}

/** Every database node, this one included, as it stands now. */
export function askAllNodes(cluster: ClusterConfig): Promise<readonly NodeStanding[]> {
  return Promise.all(
    cluster.nodes.filter((it) => it.kind === 'database').map((node) => askNode(cluster, node)),
  );
}

/** Names of those that are adopted or gave no answer: such a standby would take over from a primary without a lease. */
export function stillAdopted(others: readonly NodeStanding[]): readonly string[] {
  return others.filter(({ answered, adopted }) => !answered || adopted).map(({ name }) => name);
}

async function askNode(cluster: ClusterConfig, node: NodeConfig): Promise<NodeStanding> {
  const [address = ''] = node.addresses;
  const host = address.includes(':') ? `[${address}]` : address;
  try {
    const response = await fetch(`http://${host}:${cluster.agent.port}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    return standingFrom(node.name, await response.text());
  } catch {
    // No answer is no "no".
    return standingFrom(node.name, '');
  }
}

/** Reads an agent's exposition; one without `primacy_adopted` is no answer. */
export function standingFrom(name: string, exposition: string): NodeStanding {
  const isOne = (series: string): boolean =>
    exposition.split('\n').some((line) => line.startsWith(series) && /^[^ ]*(?:\{.*\})? 1$/.test(line));
  const role = (['primary', 'standby'] as const).find((it) => isOne(`primacy_pg_role{role="${it}"}`));
  return {
    name,
    answered: /^primacy_adopted [01]$/m.test(exposition),
    role: role ?? 'unknown',
    adopted: isOne('primacy_adopted '),
    prepared: isOne('primacy_keepalived_prepared '),
    holdsLease: isOne('primacy_lease_held '),
    holdsVip: isOne('primacy_vip_present{'),
  };
}
