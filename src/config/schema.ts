/** The shape of primacy.yml: strict, every value with a default where one can be right, units in the names of times. */
import { z } from 'zod';

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
  readonly agent: { readonly port: number };
  readonly nodes: readonly NodeConfig[];
  /** Relations, as `schema.table`, whose rows are never client transactions. */
  readonly account: { readonly ignore: readonly string[] };
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

const seconds = (byDefault: number) => z.number().positive().max(86_400).default(byDefault);
const text = z.string().min(1);
const absolutePath = z.string().regex(/^\//, 'expected an absolute path');
const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'expected lower-case letters, digits and hyphens');
const port = z.number().int().min(1).max(65_535);
const address = z.union([z.ipv4(), z.ipv6()], { error: 'expected an IP address' });

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

const timings = z.strictObject({
  sqlConnectSeconds: seconds(2),
  sqlStatementSeconds: seconds(2),
  arpProbeIntervalSeconds: seconds(5),
  keepalivedAnswerSeconds: seconds(1),
  gateIntervalSeconds: seconds(0.25),
  vipReleaseSeconds: seconds(3),
  stopFastSeconds: seconds(3),
  stopImmediateSeconds: seconds(2),
  stopKillSeconds: seconds(2),
  startSeconds: seconds(60),
  accountSeconds: seconds(600),
  rewindSeconds: seconds(3_600),
  basebackupSeconds: seconds(43_200),
  streamingSeconds: seconds(30),
  markerRowSeconds: seconds(30),
  sshConnectSeconds: seconds(3),
  observeSeconds: seconds(5),
  evidenceMaxAgeSeconds: seconds(5),
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
  timings: timings.prefault({}),
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
      advertIntervalSeconds: seconds(0.05),
      jsonFile: absolutePath.default('/tmp/keepalived.json'),
    })
    .prefault({}),
  agent: z.strictObject({ port: port.default(10_187) }).prefault({}),
  nodes: z.array(node).min(1),
  account: z
    .strictObject({
      ignore: z.array(z.string().regex(/^[^.]+\.[^.]+$/, 'expected schema.table')).default([]),
    })
    .prefault({}),
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
