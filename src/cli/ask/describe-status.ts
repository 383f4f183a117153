/** A cluster's status in sentences. */
import type { ClusterStatus, NodeStatus } from '../../responder/read/status.ts';

/** One paragraph per cluster, one line per node and finding. */
export function describeStatus(clusters: readonly ClusterStatus[]): readonly string[] {
  return clusters.flatMap((cluster) => [
    `Cluster ${cluster.cluster} is ${cluster.healthy ? 'healthy' : 'not healthy'} (VIP ${cluster.vip}, policy ${cluster.policy}, ${cluster.at}).`,
    `  ${describeLease(cluster)}`,
    ...describePeople(cluster),
    ...describeSuspended(cluster),
    ...cluster.nodes.map((node) => `  ${describeNode(node)}`),
    ...cluster.findings.map((finding) => `  Found ${finding.kind}: ${finding.summary}.`),
    ...cluster.alerts.map(
      (alert) =>
        `  Alert ${alert.name} fires${alert.node === null ? '' : ` for ${alert.node}`} since ${alert.since}.`,
    ),
    ...describeRemediation(cluster),
  ]);
}

function describeLease({ epoch, leaseHolder }: ClusterStatus): string {
  return leaseHolder === null
    ? 'No lease holder was seen.'
    : `${leaseHolder} holds the lease of epoch ${epoch}.`;
}

function describePeople({ pause, override }: ClusterStatus): readonly string[] {
  return [
    ...(pause === null
      ? []
      : [`  Paused until ${pause.until} by ${pause.by}: ${pause.reason}. Nobody is promoted before that.`]),
    ...(override === null
      ? []
      : [`  ${override.node} is primary by a person's word, until ${override.until}: ${override.reason}.`]),
  ];
}

function describeSuspended({ suspendedSynchronous: it }: ClusterStatus): readonly string[] {
  if (it === null) return [];
  const by = it.by === null ? '' : ` by the agent of ${it.by}`;
  return [
    `  ${it.node} commits without a synchronous standby, suspended${by} since ${it.since}: "${it.names}" is restored when enough of them stream.`,
  ];
}

function describeRemediation({ remediation }: ClusterStatus): readonly string[] {
  if (remediation === null) return [];
  const why = remediation.why === null ? '' : `: ${remediation.why}`;
  return [
    `  The last remediation (${remediation.playbook} on ${remediation.node}, ${remediation.startedAt}) is ${remediation.state}${why}.`,
  ];
}

function describeNode(node: NodeStatus): string {
  if (!node.answered) return `${node.name} gives no answer: ${node.unknown.join('; ')}.`;
  const parts = [
    node.kind === 'witness' ? 'witness' : (node.role ?? 'role not known'),
    ...(node.timeline === null ? [] : [`timeline ${node.timeline}`]),
    ...(node.lsn === null ? [] : [`at ${node.lsn}`]),
    ...(node.streamingFrom === null ? [] : [`streaming from ${node.streamingFrom}`]),
    ...(node.holdsLease === true ? ['holds the lease'] : []),
    ...(node.holdsVip === true ? ['has the VIP'] : []),
    ...(node.vrrp === null ? [] : [`VRRP ${node.vrrp}`]),
    ...(node.fence === null ? [] : [`${node.fence.state} (${node.fence.reason})`]),
    ...(node.rejoin === null ? [] : [`rejoin ${node.rejoin}`]),
    ...(node.agent === false ? ['agent not running'] : []),
  ];
  const unknown = node.unknown.length === 0 ? '' : ` Not known: ${node.unknown.join('; ')}.`;
  return `${node.name}: ${parts.join(', ')}.${unknown}`;
}
