/** Prints one node's keepalived.conf: keepalived only moves the address, and only where the agent's gate is open. */
import { paths } from '../paths.ts';
import type { ClusterConfig, NodeConfig } from '../schema.ts';

/** Name of the track file inside keepalived.conf. */
const TRACK_FILE = 'primacy_gate';

/**
 * The configuration of one database node, for keepalived 2.2.7 or later.
 *
 * - `version 3`: version 2 silently rounds short advert intervals to one second.
 * - `state BACKUP` with `nopreempt` on every node: a node that returns takes nothing back.
 * - the track file with weight 0: any value but 0 means FAULT. `init_file 1 overwrite` starts in FAULT, so a node whose
 *   agent does not run never takes the VIP. Its directory must exist before keepalived starts.
 * - no weights and no scripts: with `nopreempt` a weight never moves the VIP, and a lost script fails open.
 */
export function keepalivedConfiguration(cluster: ClusterConfig, node: NodeConfig): string {
  const { vrrpInstance, advertIntervalSeconds } = cluster.keepalived;
  const peers = cluster.nodes.filter((it) => it.kind === 'database' && it.name !== node.name);
  return `# ${cluster.name}/${node.name}: printed by "primacy config keepalived". Mode 0644: keepalived skips an executable file.
global_defs {
  router_id ${node.name}
  script_user root
  enable_script_security
}

track_file ${TRACK_FILE} {
  file ${paths.gateFile}
  weight 0
  init_file 1 overwrite
}

vrrp_instance ${vrrpInstance} {
  version 3
  state BACKUP
  nopreempt
  interface ${cluster.interface}
  virtual_router_id ${cluster.vrid}
  priority ${node.priority}
  advert_int ${advertIntervalSeconds}
  unicast_src_ip ${firstAddress(node)}
  unicast_peer {
${peers.map((peer) => `    ${firstAddress(peer)}`).join('\n')}
  }
  virtual_ipaddress {
    ${cluster.vip} dev ${cluster.interface}
  }
  track_file {
    ${TRACK_FILE}
  }
}
`;
}

function firstAddress(node: NodeConfig): string {
  return node.addresses[0] ?? '';
}
