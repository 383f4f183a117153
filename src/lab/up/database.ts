/** Makes the lab's PostgreSQL cluster: initdb and start on the first host, what product and lab need in it, base backups for the others. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Config } from '../../config/schema.ts';
import { labConfig } from '../configure/cluster.ts';
import { CLIENT_DATABASE, LEDGER_SQL, rolesSql } from '../configure/schema-sql.ts';
import { poweredInit, runInside } from '../hosts/enter.ts';
import { PRIMACY_COMMAND } from '../hosts/prepare.ts';
import { databaseHosts, type LabHost } from '../topology.ts';
import { PGPASS_FILE, writeConfiguration, writePostgresFiles } from './files.ts';
import type { Building, Progress } from './building.ts';
import { onlyCluster, startDatabase } from './services.ts';

const LIMIT_MS = 60_000;

/** All database hosts, from configured to running. The configuration it returns has the system identifier that initdb chose. */
export async function buildDatabases(building: Building, draft: Config, progress: Progress): Promise<Config> {
  const { state, topology, secrets } = building;
  const [first, ...others] = databaseHosts(topology);
  if (first === undefined) throw new PrimacyError('usage', 'cannot build a lab without a database host');
  // The first host waits for no standby before there is one, else its first commit would wait for ever.
  await writePostgresFiles(building, first, draft, false);
  for (const host of others) await writePostgresFiles(building, host, draft, state.sync);
  const config = labConfig(state, topology, secrets, await createCluster(building, first, draft));
  await writeConfiguration(building, config);
  await fillDatabase(building, first, config);
  progress(`${first.name}: PostgreSQL created, filled and running`);
  await Promise.all(others.map((host) => createStandby(building, host, first, config)));
  progress(`${others.map((host) => host.name).join(', ')}: copied from ${first.name} and running`);
  if (state.sync) await waitForStandbys(building, first, config);
  return config;
}

/** From here on, commits on this host wait for a standby. */
async function waitForStandbys(building: Building, host: LabHost, config: Config): Promise<void> {
  await writePostgresFiles(building, host, config, true);
  await psql(await poweredInit(building.state.name, host.name), 'postgres', 'select pg_reload_conf();');
}

/** Runs initdb on the host and returns the system identifier it chose. Debian keeps the configuration elsewhere, so initdb's is removed. */
async function createCluster(building: Building, host: LabHost, config: Config): Promise<string> {
  const { postgres } = onlyCluster(config);
  const init = await poweredInit(building.state.name, host.name);
  await runInside(init, {
    program: join(postgres.binDirectory, 'initdb'),
    arguments: [
      `--pgdata=${postgres.dataDirectory}`,
      '--data-checksums',
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--auth-local=peer',
      '--auth-host=scram-sha-256',
      '--no-instructions',
      // Only initdb itself skips fsync, which saves two seconds; the server runs with fsync on.
      '--no-sync',
    ],
    user: postgres.user,
    timeoutMs: LIMIT_MS,
  });
  const data = join(`/proc/${init}/root`, postgres.dataDirectory);
  for (const file of ['postgresql.conf', 'pg_hba.conf', 'pg_ident.conf']) await rm(join(data, file));
  const control = await runInside(init, {
    program: join(postgres.binDirectory, 'pg_controldata'),
    arguments: [postgres.dataDirectory],
    timeoutMs: LIMIT_MS,
  });
  return /^Database system identifier:\s+(\d+)$/m.exec(control)?.[1] ?? '';
}

/** Starts the first server and makes roles, databases and tables: the lab's, then by `primacy setup` the product's. */
async function fillDatabase(building: Building, host: LabHost, config: Config): Promise<void> {
  const init = await poweredInit(building.state.name, host.name);
  await startDatabase(init, host.name, config);
  await psql(init, 'postgres', rolesSql(building.secrets));
  await psql(init, CLIENT_DATABASE, LEDGER_SQL);
  await runInside(init, { program: PRIMACY_COMMAND, arguments: ['setup'], timeoutMs: LIMIT_MS });
}

/** Runs SQL as the operating-system superuser, over the default socket. */
async function psql(init: number, database: string, sql: string): Promise<void> {
  await runInside(init, {
    program: 'psql',
    arguments: ['--no-psqlrc', '--quiet', '--set=ON_ERROR_STOP=1', `--dbname=${database}`],
    input: sql,
    user: 'postgres',
    timeoutMs: LIMIT_MS,
  });
}

/** Copies the first server to a standby and starts it. */
async function createStandby(
  building: Building,
  host: LabHost,
  source: LabHost,
  config: Config,
): Promise<void> {
  const { postgres } = onlyCluster(config);
  const init = await poweredInit(building.state.name, host.name);
  const conninfo = [
    `host=${source.addresses[0]}`,
    `port=${postgres.port}`,
    `user=${postgres.role}`,
    `passfile=${PGPASS_FILE}`,
    `application_name=${host.name}`,
  ].join(' ');
  await runInside(init, {
    program: join(postgres.binDirectory, 'pg_basebackup'),
    arguments: [
      `--pgdata=${postgres.dataDirectory}`,
      `--dbname=${conninfo}`,
      '--write-recovery-conf',
      '--checkpoint=fast',
      '--wal-method=stream',
      '--no-sync',
      '--no-password',
    ],
    user: postgres.user,
    timeoutMs: LIMIT_MS,
  });
  await startDatabase(init, host.name, config);
}
