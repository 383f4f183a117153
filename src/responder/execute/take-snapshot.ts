/** One round of looks: all nodes of a cluster are asked at once, and each answers or is unknown with its reason. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { ClusterName, NodeName } from '../../core/model/names.ts';
import type { NodeObservation, Snapshot } from '../../core/model/observation.ts';
import type { Clock } from '../../world/clock.ts';
import type { NodeLink } from '../../world/remote/node-link.ts';

/**
 * Takes at most `observeSeconds`. Never rejects. A witness that SSH cannot reach by configuration is not asked.
 * With `only`, the snapshot has that node and no other.
 */
export async function takeSnapshot(
  cluster: ClusterConfig,
  link: NodeLink,
  clock: Clock,
  only?: NodeName,
): Promise<Snapshot> {
  const at = clock.wallMillis();
  const timeoutMs = cluster.timings.observeSeconds * 1000;
  const looks = await Promise.all(
    cluster.nodes
      .filter((node) => isAsked(node) && (only === undefined || node.name === only))
      .map(async (node) => {
        const name = node.name as NodeName;
        return [name, await look(link, name, timeoutMs)] as const;
      }),
  );
  return {
    cluster: cluster.name as ClusterName,
    at,
    voters: cluster.nodes.length,
    nodes: new Map(looks),
  };
}

function isAsked(node: NodeConfig): boolean {
  return node.kind === 'database' || node.ssh.hostKey !== null;
}

async function look(link: NodeLink, node: NodeName, timeoutMs: number): Promise<Known<NodeObservation>> {
  const answer = await link.ask(node, { verb: 'observe' }, timeoutMs);
  switch (answer.kind) {
    case 'failed':
      return unknown(answer.message);
    case 'unknown':
      return unknown(answer.reason);
    case 'done':
      // A wrong address or key would let one node answer for another.
      return answer.result.node === node
        ? known(answer.result)
        : unknown(`the answer came from ${answer.result.node}, not from ${node}`);
  }
}
