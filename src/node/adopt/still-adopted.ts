/** Asks the other database nodes' agents whether they still act. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';

const ANSWER_LIMIT_MS = 3_000;

/** Names of those that are adopted or gave no answer: silence permits nothing. */
export async function stillAdopted(cluster: ClusterConfig, node: NodeConfig): Promise<readonly string[]> {
  const others = cluster.nodes.filter((it) => it.kind === 'database' && it.name !== node.name);
  const answers = await Promise.all(
    others.map(async (other) => ((await isFree(cluster, other)) ? [] : [other.name])),
  );
  return answers.flat();
}

async function isFree(cluster: ClusterConfig, { addresses: [address = ''] }: NodeConfig): Promise<boolean> {
  const host = address.includes(':') ? `[${address}]` : address;
  try {
    const response = await fetch(`http://${host}:${cluster.agent.port}/metrics`, {
      signal: AbortSignal.timeout(ANSWER_LIMIT_MS),
    });
    return /^primacy_adopted 0$/m.test(await response.text());
  } catch {
    // No answer is no "no": it counts as adopted.
    return false;
  }
}
