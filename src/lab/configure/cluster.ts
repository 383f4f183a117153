/** The lab's primacy.yml: the product's defaults, with the lab's names, addresses and keys. */
import { configSchema, type Config, type Timings } from '../../config/schema.ts';
import type { LabState } from '../state.ts';
import { nodeHosts, type LabHost, type Topology } from '../topology.ts';

/** The probe's table in the heartbeat database; its rows are never client transactions. */
export const PROBE_TABLE = 'lab_probe.beat';

export interface LabSecrets {
  /** Public SSH host key, `TYPE BASE64`, by host name. */
  readonly hostKeys: ReadonlyMap<string, string>;
  /** Public half of the responder's key, `TYPE BASE64`. */
  readonly responderKey: string;
  readonly databasePassword: string;
  readonly clientPassword: string;
  readonly webhookToken: string;
  /** Authenticates every datagram of the voters. */
  readonly clusterSecret: string;
}

/** Name of the lab's cluster in its own configuration. */
export const CLUSTER = 'lab';
export const VRID = 51;

/** What the article's keepalived.conf and its text say. */
const ARTICLE = {
  vrrpInstance: 'VI_1',
  vrid: 10,
  priority: 100,
  priorityStep: 20,
  advertIntervalSeconds: 1,
  transport: 'multicast',
  /** The article names the address alone, so keepalived makes it a /32. */
  prefixLength: 32,
  /** Seconds between two checks, each of which writes the heartbeat. */
  checkSeconds: 5,
} as const;

/** Builds and checks the configuration. */
export function labConfig(
  state: LabState,
  topology: Topology,
  secrets: LabSecrets,
  systemIdentifier: string | null,
): Config {
  return configSchema.parse({
    clusters: [
      {
        name: CLUSTER,
        vip: `${topology.vip}/${state.agent ? 24 : ARTICLE.prefixLength}`,
        interface: 'eth0',
        vrid: state.agent ? VRID : ARTICLE.vrid,
        systemIdentifier,
        nodes: nodeHosts(topology).map((host, index) => nodeEntry(state, host, index, secrets)),
        account: { ignore: [PROBE_TABLE] },
        heartbeat: state.profile === 'article' ? { interval: ARTICLE.checkSeconds } : {},
        keepalived: keepalivedEntry(state),
      },
    ],
    responder: {
      listen: '0.0.0.0:10188',
      policy: state.policy,
      ...(state.agent ? { externalUrl: state.page } : {}),
    },
  });
}

/** The product's own entry, unless the lab takes the article's times; without agents what a person would write to adopt that pair. */
function keepalivedEntry(state: LabState): unknown {
  if (!state.agent) return { vrrpInstance: ARTICLE.vrrpInstance, transport: ARTICLE.transport };
  return state.profile === 'article' ? { advertIntervalSeconds: ARTICLE.advertIntervalSeconds } : {};
}

function nodeEntry(state: LabState, host: LabHost, index: number, secrets: LabSecrets): unknown {
  return {
    name: host.name,
    kind: host.kind,
    addresses: host.addresses,
    priority: state.agent ? 150 - index * 10 : ARTICLE.priority - index * ARTICLE.priorityStep,
    ssh: { hostKey: secrets.hostKeys.get(host.name) ?? null },
  };
}

/** The limits every lab runs with: the product's defaults. */
export function labTimings(): Timings {
  const config = configSchema.parse({
    clusters: [
      {
        name: CLUSTER,
        vip: '10.79.0.100/24',
        interface: 'eth0',
        vrid: VRID,
        nodes: [{ name: 'pg1', addresses: ['10.79.0.11'] }],
      },
    ],
  });
  const [cluster] = config.clusters;
  if (cluster === undefined) throw new Error('a configuration with one cluster has one cluster');
  return cluster.timings;
}
