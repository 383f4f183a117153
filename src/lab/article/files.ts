/** The article's scripts and keepalived.conf for one host of a `--no-agent` lab: its own text, with the lab's values in the places that differ on every site. */
import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { HostFile } from '../hosts/files.ts';
import type { Identity } from '../hosts/prepare.ts';

const FOLDER = '/etc/keepalived';
const SCRIPTS = ['check_pg.sh', 'failover.sh', 'fault.sh'] as const;
/** The scripts run as PostgreSQL's user and append here; the article leaves the folder to the reader. */
const LOGS = ['pg_status.log', 'failover.log', 'pg_db_fault.log'] as const;

/** Everything below /etc/keepalived. `owner` is PostgreSQL's user, to whom the logs belong. */
export async function articleFiles(
  cluster: ClusterConfig,
  node: NodeConfig,
  owner: Identity,
): Promise<readonly HostFile[]> {
  const values = valuesFor(cluster, node);
  const scripts = SCRIPTS.map(async (name) => ({
    path: `${FOLDER}/${name}`,
    content: await filledIn(name, values),
    mode: 0o755,
  }));
  return [
    { path: `${FOLDER}/keepalived.conf`, content: await filledIn('keepalived.conf', values) },
    ...(await Promise.all(scripts)),
    ...LOGS.map((name) => ({ path: `${FOLDER}/log/${name}`, content: '', owner })),
  ];
}

function valuesFor({ postgres, ...cluster }: ClusterConfig, node: NodeConfig): ReadonlyMap<string, string> {
  return new Map([
    ['PORT', String(postgres.port)],
    ['USER', postgres.user],
    ['BIN_DIRECTORY', postgres.binDirectory],
    ['HOME_DIRECTORY', dirname(postgres.binDirectory)],
    ['DATA_DIRECTORY', postgres.dataDirectory],
    ['ADDRESS', node.addresses[0] ?? ''],
    ['ROUTER_ID', node.name],
    ['INTERFACE', cluster.interface],
    ['PRIORITY', String(node.priority)],
    // The article names the address alone, so keepalived makes it a /32.
    ['VIP', cluster.vip.replace(/\/.*$/, '')],
  ]);
}

async function filledIn(name: string, values: ReadonlyMap<string, string>): Promise<string> {
  const template = await readFile(new URL(`${name}.template`, import.meta.url), 'utf8');
  return template.replace(/@([A-Z_]+)@/g, (_all, key: string) => {
    const value = values.get(key);
    if (value === undefined) throw new Error(`${name}.template names @${key}@, which has no value`);
    return value;
  });
}
