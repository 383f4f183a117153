/** Prints what one node's keepalived needs: keepalived only moves the address, and only where the agent's gate is open. */
import { join } from 'node:path';
import { paths, type Paths } from '../paths.ts';
import type { ClusterConfig, NodeConfig } from '../schema.ts';

/** Names inside keepalived.conf. */
const TRACK_FILE = 'primacy_gate';
const DEAD_MAN = 'primacy_dead_man';

/** One broadcast frame each time, from the node with the VIP alone. */
const GARP_REFRESH_SECONDS = 2;

/**
 * A fragment for one database node, for keepalived 2.2.7 or later, to be included by the keepalived.conf that is there: it has
 * no global_defs and touches nothing that others have in that file.
 *
 * - `version 3`: version 2 silently rounds short advert intervals to one second.
 * - `state BACKUP` with `nopreempt` on every node: a node that returns takes nothing back.
 * - the track file with weight 0: any value but 0 means FAULT. `init_file 1 overwrite` starts in FAULT, so a node whose
 *   agent does not run never takes the VIP. Its directory must exist before keepalived starts.
 * - the dead-man script fences by itself and reports by its exit code only that it cannot. `timeout 3`, because keepalived kills a
 *   run that is late, on a busy host in the middle of a fence; `fall 2`, because one slow run must not take the VIP from a
 *   healthy primary. Below 1 s keepalived refuses an interval.
 * - the refresh: a client that was cut off during a failover has missed the announcement of the VIP's new place, and its ARP cache
 *   leads to the old one for as long as a minute after the cut has healed.
 * - unicast, unless the pair came with multicast: with the gate closed a standby listens to neither.
 * - no weights: with `nopreempt` a weight never moves the VIP.
 */
export function keepalivedFragment(cluster: ClusterConfig, node: NodeConfig, where: Paths = paths): string {
  return `# ${cluster.name}/${node.name}: printed by "primacy config keepalived". Mode 0644: keepalived skips an executable file.
# Keep it as /etc/keepalived/primacy.conf and add to keepalived.conf: include /etc/keepalived/primacy.conf
# Its global_defs should have enable_script_security: without it keepalived runs scripts too, and complains.
# "primacy adopt --prepare" comes first: keepalived drops a script that it does not find, without an error.
${blocks(cluster, node, where)}`;
}

/** A whole keepalived.conf for a host where keepalived does nothing else. */
export function keepalivedConfiguration(cluster: ClusterConfig, node: NodeConfig): string {
  return `# ${cluster.name}/${node.name}: printed by "primacy config keepalived --whole". Mode 0644: keepalived skips an executable file.
# "primacy adopt --prepare" comes first: keepalived drops a script that it does not find, without an error.
global_defs {
  router_id ${node.name}
  script_user root
  enable_script_security
}

${blocks(cluster, node, paths)}`;
}

function blocks(cluster: ClusterConfig, node: NodeConfig, where: Paths): string {
  const { vrrpInstance, advertIntervalSeconds } = cluster.keepalived;
  return `track_file ${TRACK_FILE} {
  file ${where.gateFile}
  weight 0
  init_file 1 overwrite
}

vrrp_script ${DEAD_MAN} {
  script "${join(where.guardDirectory, 'dead-man')}"
  user root
  interval 1
  timeout 3
  fall 2
  rise 1
  weight 0
  init_fail
}

vrrp_instance ${vrrpInstance} {
  version 3
  state BACKUP
  nopreempt
  interface ${cluster.interface}
  virtual_router_id ${cluster.vrid}
  priority ${node.priority}
  advert_int ${advertIntervalSeconds}
  garp_master_refresh ${GARP_REFRESH_SECONDS}
${unicast(cluster, node)}  virtual_ipaddress {
    ${cluster.vip} dev ${cluster.interface}
  }
  track_file {
    ${TRACK_FILE}
  }
  track_script {
    ${DEAD_MAN}
  }
}
`;
}

function unicast(cluster: ClusterConfig, node: NodeConfig): string {
  if (cluster.keepalived.transport === 'multicast') return '';
  const peers = cluster.nodes.filter((it) => it.kind === 'database' && it.name !== node.name);
  return `  unicast_src_ip ${firstAddress(node)}
  unicast_peer {
${peers.map((peer) => `    ${firstAddress(peer)}`).join('\n')}
  }
`;
}

function firstAddress(node: NodeConfig): string {
  return node.addresses[0] ?? '';
}
