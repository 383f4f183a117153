/** The shape of primacy.yml: strict, every value with a default where one can be right, units in the names of times. */
import { z } from 'zod';
import { failover, type FailoverConfig } from './failover-schema.ts';
import { hooks, type HooksConfig } from './hooks-schema.ts';
import { account, rejoin, salvage, type RejoinConfig, type SalvageConfig } from './salvage-schema.ts';
import { timings } from './timings-schema.ts';
import { absolutePath, address, name, port, seconds, text } from './values.ts';

export interface SshConfig {
  readonly user: string;
  readonly port: number;
  /** `TYPE BASE64` as in a known_hosts line without the host; null = this node cannot be reached by SSH. */
  readonly hostKey: string | null;
}

export interface NodeConfig {
  readonly name: string;
  readonly kind: 'database' | 'witness';
  /** The first is used for SSH, SQL and HTTP; all are heartbeat lines. */
  readonly addresses: readonly string[];
  readonly priority: number;
  readonly ssh: SshConfig;
}

/** Every limit of the product. Seconds, fractions allowed. */
export interface Timings {
  readonly sqlConnectSeconds: number;
  readonly sqlStatementSeconds: number;
  readonly arpProbeIntervalSeconds: number;
  readonly keepalivedAnswerSeconds: number;
  readonly gateIntervalSeconds: number;
  readonly vipReleaseSeconds: number;
  readonly stopFastSeconds: number;
  readonly stopImmediateSeconds: number;
  readonly stopKillSeconds: number;
  readonly startSeconds: number;
  readonly accountSeconds: number;
  readonly rewindSeconds: number;
  readonly basebackupSeconds: number;
  readonly streamingSeconds: number;
  readonly markerRowSeconds: number;
  readonly sshConnectSeconds: number;
  readonly observeSeconds: number;
  /** Evidence older than this is looked at again before anything is done on it. */
  readonly evidenceMaxAgeSeconds: number;
  /** Between two renewals of the lease. */
  readonly renewSeconds: number;
  readonly leaseSeconds: number;
  /** How much faster one host's clock may run than another's. */
  readonly clockDriftPercent: number;
  /** Interval and time-out of the fuse: what fences when the agent does not. */
  readonly deadManSeconds: number;
  readonly killSeconds: number;
  readonly marginSeconds: number;
  /** What a voter waits after the holder's last word before it grants a new epoch to another node. */
  readonly promotionWaitSeconds: number;
  /** How long the primary's agent may be away after it ended in order, before the primary is stopped and replaced. */
  readonly agentRestartSeconds: number;
  /** Between two looks of the agent at its own server's processes and role. */
  readonly watchSeconds: number;
  /** A server that answers no session, no new connection and shows no progress for so long is dead. */
  readonly postgresSilenceSeconds: number;
  /** A server that cannot be written, by two different writes, for so long gives up its place. */
  readonly cannotWriteSeconds: number;
  /** How long a holder's own server may be in recovery before a ready successor is given the lease instead. */
  readonly handOverSeconds: number;
  /** How long a successor fetches the rest of the WAL before policy decides on the gap. */
  readonly rescueSeconds: number;
  readonly promoteSeconds: number;
  /** Between two looks at each other database node by SQL. */
  readonly peerProbeSeconds: number;
  readonly failoverCooldownSeconds: number;
}

/** What fences beside the agent and keepalived's dead-man script. */
export interface FencingConfig {
  readonly fuse: boolean;
  /** `auto`: where nftables works. */
  readonly kernelLease: 'auto' | 'off';
}

export interface PostgresConfig {
  readonly port: number;
  readonly dataDirectory: string;
  /** postgresql.conf, which Debian keeps outside the data directory. */
  readonly configFile: string;
  readonly binDirectory: string;
  /** Operating-system user and superuser of the server. */
  readonly user: string;
  /** Database role of agent, rejoin and replication, made by `primacy setup`. */
  readonly role: string;
  readonly passwordFile: string;
}

export interface KeepalivedConfig {
  readonly configFile: string;
  readonly vrrpInstance: string;
  /** `multicast` only for a pair that was adopted with it: a change between the two takes the VIP away for a moment. */
  readonly transport: 'unicast' | 'multicast';
  readonly advertIntervalSeconds: number;
  /** Where keepalived writes its JSON: fixed in 2.2.7. */
  readonly jsonFile: string;
}

export interface ClusterConfig {
  readonly name: string;
  /** Address with prefix length, `10.0.0.100/24`. */
  readonly vip: string;
  readonly interface: string;
  readonly vrid: number;
  /** Null until known: then every system identifier is accepted and `primacy setup` prints the one to enter. */
  readonly systemIdentifier: string | null;
  readonly startProtection: 'signal' | 'off';
  readonly heartbeat: { readonly database: string; readonly interval: number };
  readonly timings: Timings;
  readonly postgres: PostgresConfig;
  readonly keepalived: KeepalivedConfig;
  readonly agent: {
    readonly port: number;
    /** Datagrams of the voters, and WAL for a successor by TCP. */
    readonly voterPort: number;
    /** The cluster's secret: authenticates every datagram. The same file on every node. */
    readonly secretFile: string;
  };
  readonly failover: FailoverConfig;
  readonly fencing: FencingConfig;
  readonly nodes: readonly NodeConfig[];
  readonly account: { readonly ignore: readonly string[] };
  readonly salvage: SalvageConfig;
  readonly rejoin: RejoinConfig;
  readonly hooks: HooksConfig;
}

export interface ResponderConfig {
  readonly listen: string;
  readonly externalUrl: string;
  readonly store: string;
  readonly policy: 'observe' | 'approve' | 'auto';
  readonly secretFiles: { readonly webhookToken: string; readonly sshKey: string };
}

export interface Config {
  readonly clusters: readonly ClusterConfig[];
  readonly responder: ResponderConfig;
}

const ssh = z.strictObject({
  user: text.default('root'),
  port: port.default(22),
  hostKey: z
    .string()
    .regex(/^(ssh-|ecdsa-)[a-z0-9-]+ [A-Za-z0-9+/=]+$/, 'expected "TYPE BASE64" as ssh-keyscan prints it')
    .nullable()
    .default(null),
});

const node = z.strictObject({
  name,
  kind: z.enum(['database', 'witness']).default('database'),
  addresses: z.array(address).min(1),
  priority: z.number().int().min(1).max(254).default(100),
  ssh: ssh.prefault({}),
});

const fencing = z.strictObject({
  fuse: z.boolean().default(true),
  kernelLease: z.enum(['auto', 'off']).default('auto'),
});

const cluster = z.strictObject({
  name,
  vip: z.union([z.cidrv4(), z.cidrv6()], {
    error: 'expected an address with prefix length, such as 10.0.0.100/24',
  }),
  interface: text,
  vrid: z.number().int().min(1).max(255),
  systemIdentifier: z
    .string()
    .regex(/^\d{10,20}$/, 'expected the number that pg_controldata prints, in quotes')
    .nullable()
    .default(null),
  startProtection: z.enum(['signal', 'off']).default('signal'),
  heartbeat: z.strictObject({ database: text.default('postgres'), interval: seconds(1) }).prefault({}),
  timings,
  postgres: z
    .strictObject({
      port: port.default(5432),
      dataDirectory: absolutePath.default('/var/lib/postgresql/15/main'),
      configFile: absolutePath.default('/etc/postgresql/15/main/postgresql.conf'),
      binDirectory: absolutePath.default('/usr/lib/postgresql/15/bin'),
      user: text.default('postgres'),
      role: text.default('primacy'),
      passwordFile: absolutePath.default('/etc/primacy/secrets/postgres-password'),
    })
    .prefault({}),
  keepalived: z
    .strictObject({
      configFile: absolutePath.default('/etc/keepalived/keepalived.conf'),
      vrrpInstance: text.default('primacy'),
      transport: z.enum(['unicast', 'multicast']).default('unicast'),
      advertIntervalSeconds: seconds(0.05),
      jsonFile: absolutePath.default('/tmp/keepalived.json'),
    })
    .prefault({}),
  agent: z
    .strictObject({
      port: port.default(10_187),
      voterPort: port.default(10_189),
      secretFile: absolutePath.default('/etc/primacy/secrets/cluster-secret'),
    })
    .prefault({}),
  failover,
  fencing: fencing.prefault({}),
  nodes: z.array(node).min(1),
  account,
  salvage,
  rejoin,
  hooks,
});

const responder = z.strictObject({
  listen: z
    .string()
    .regex(/^.+:\d+$/, 'expected address:port')
    .default('127.0.0.1:10188'),
  externalUrl: z.url({ error: 'expected a URL' }).default('http://127.0.0.1:10188'),
  store: absolutePath.default('/var/lib/primacy/responder.sqlite'),
  policy: z.enum(['observe', 'approve', 'auto']).default('approve'),
  secretFiles: z
    .strictObject({
      webhookToken: absolutePath.default('/etc/primacy/secrets/webhook-token'),
      sshKey: absolutePath.default('/etc/primacy/secrets/ssh-key'),
    })
    .prefault({}),
});

/** Parses and checks primacy.yml's value; names of nodes and clusters must be unique. */
export const configSchema: z.ZodType<Config> = z.strictObject({
  clusters: z.array(cluster).min(1),
  responder: responder.prefault({}),
});
