/** The configuration files of each lab host, made by the product's own generators wherever it has one. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alertmanagerConfiguration } from '../../config/generate/alertmanager.ts';
import { keepalivedConfiguration } from '../../config/generate/keepalived.ts';
import { prometheusConfiguration } from '../../config/generate/prometheus.ts';
import { authorizedKeysLine } from '../../config/generate/ssh.ts';
import type { Config } from '../../config/schema.ts';
import { articleFiles } from '../article/files.ts';
import { configText } from '../../config/write.ts';
import { configFolder, PG_IDENT, pgHba, postgresqlConf } from '../configure/postgres.ts';
import { keyDirectory } from '../configure/secrets.ts';
import { clockFiles } from '../hosts/clock.ts';
import { writeHostFiles, type HostFile } from '../hosts/files.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';
import type { LabHost } from '../topology.ts';
import type { Building } from './building.ts';
import { onlyCluster } from './services.ts';

const RULES = fileURLToPath(new URL('../../../rules', import.meta.url));
/** Seconds between two scrapes, between two evaluations of the rules, and before the first notification of a group. */
const MONITORING_SECONDS = {
  fast: { scrape: 1, groupWait: 0 },
  article: { scrape: 15, groupWait: 30 },
} as const;

/** Where secrets lie on the hosts that need them. */
const SECRETS = '/etc/primacy/secrets';
export const CLIENT_PASSWORD_FILE = '/etc/lab-client-password';
export const PGPASS_FILE = '/etc/primacy/pgpass';

/** Writes primacy.yml, the same on every host, and what else a host of this kind reads. */
export async function writeConfiguration(building: Building, config: Config): Promise<void> {
  const primacyYml: HostFile = { path: '/etc/primacy/primacy.yml', content: configText(config) };
  await Promise.all(
    building.topology.hosts.map(async (host) => {
      const files = [primacyYml, ...(await filesOf(building, config, host))];
      await writeHostFiles(building.state.name, host.name, files);
    }),
  );
}

async function filesOf(building: Building, config: Config, host: LabHost): Promise<readonly HostFile[]> {
  switch (host.kind) {
    case 'database':
      return [
        ...(await keepalivedFiles(building, config, host)),
        ...(await nodeFiles(building, host)),
        ...(building.state.fakeClocks ? await clockFiles() : []),
      ];
    case 'witness':
      return nodeFiles(building, host);
    case 'monitor':
      return building.state.agent ? monitorFiles(building, config) : [];
    case 'client':
      return [{ path: CLIENT_PASSWORD_FILE, content: `${building.secrets.clientPassword}\n`, mode: 0o600 }];
  }
}

/** The product's keepalived.conf, or the article's with its scripts. */
async function keepalivedFiles(
  { state, postgres }: Building,
  config: Config,
  host: LabHost,
): Promise<readonly HostFile[]> {
  const cluster = onlyCluster(config);
  const node = cluster.nodes.find((candidate) => candidate.name === host.name);
  if (node === undefined) return [];
  if (!state.agent) return articleFiles(cluster, node, postgres);
  return [{ path: cluster.keepalived.configFile, content: keepalivedConfiguration(cluster, node) }];
}

/** Without a responder there is nobody who would come by SSH, and without agents nobody who votes. */
async function nodeFiles(building: Building, host: LabHost): Promise<readonly HostFile[]> {
  if (!building.state.agent) return [passwordFile(building)];
  return [...(await sshFiles(building, host)), passwordFile(building), clusterSecretFile(building)];
}

function clusterSecretFile(building: Building): HostFile {
  return {
    path: `${SECRETS}/cluster-secret`,
    content: `${building.secrets.clusterSecret}\n`,
    mode: 0o600,
  };
}

function passwordFile(building: Building): HostFile {
  return {
    path: `${SECRETS}/postgres-password`,
    content: `${building.secrets.databasePassword}\n`,
    mode: 0o600,
  };
}

async function sshFiles(building: Building, host: LabHost): Promise<readonly HostFile[]> {
  const key = '/etc/ssh/ssh_host_ed25519_key';
  const authorized = '/etc/ssh/primacy_authorized_keys';
  const settings = [
    `HostKey ${key}`,
    `AuthorizedKeysFile ${authorized}`,
    'PermitRootLogin forced-commands-only',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    'UsePAM no',
    'UseDNS no',
    'PidFile /run/sshd.pid',
  ];
  return [
    { path: '/etc/ssh/sshd_config', content: `${settings.join('\n')}\n` },
    {
      path: key,
      content: await readFile(join(keyDirectory(building.state.name), host.name), 'utf8'),
      mode: 0o600,
    },
    {
      path: authorized,
      content: `${authorizedKeysLine(building.secrets.responderKey, PRIMACY_COMMAND)}\n`,
      mode: 0o600,
    },
  ];
}

async function monitorFiles(building: Building, config: Config): Promise<readonly HostFile[]> {
  const seconds = MONITORING_SECONDS[building.state.profile];
  return [
    {
      path: `${SECRETS}/ssh-key`,
      content: await readFile(join(keyDirectory(building.state.name), 'responder'), 'utf8'),
      mode: 0o600,
    },
    { path: `${SECRETS}/webhook-token`, content: `${building.secrets.webhookToken}\n`, mode: 0o600 },
    {
      path: '/etc/prometheus/prometheus.yml',
      content: prometheusConfiguration(config, {
        rulesGlob: `${RULES}/*.yml`,
        alertmanager: '127.0.0.1:9093',
        scrapeIntervalSeconds: seconds.scrape,
        evaluationIntervalSeconds: seconds.scrape,
      }),
    },
    {
      path: '/etc/prometheus/alertmanager.yml',
      content: alertmanagerConfiguration(config, {
        responderUrl: 'http://127.0.0.1:10188',
        tokenFile: `${SECRETS}/webhook-token`,
        groupWaitSeconds: seconds.groupWait,
      }),
    },
  ];
}

/** PostgreSQL's own files on a database host, readable by its user only where they must be. `sync`: commits wait for a standby. */
export async function writePostgresFiles(
  building: Building,
  host: LabHost,
  config: Config,
  sync: boolean,
): Promise<void> {
  const { postgres } = onlyCluster(config);
  const folder = configFolder(postgres);
  const owner = building.postgres;
  const pgpass = `*:*:*:${postgres.role}:${building.secrets.databasePassword}\n`;
  await writeHostFiles(building.state.name, host.name, [
    { path: postgres.configFile, content: postgresqlConf(postgres, sync, building.state.archive), owner },
    { path: `${folder}/pg_hba.conf`, content: pgHba(building.topology, postgres.role), mode: 0o640, owner },
    { path: `${folder}/pg_ident.conf`, content: PG_IDENT, mode: 0o640, owner },
    { path: PGPASS_FILE, content: pgpass, mode: 0o600, owner },
  ]);
}
