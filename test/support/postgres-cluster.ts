/** Real PostgreSQL servers on loopback for integration tests: initdb, start, clone, promote, and nothing left behind. */
import { execFile } from 'node:child_process';
import { appendFile, chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client, type QueryResultRow } from 'pg';
import type { PostgresConfig } from '../../src/config/schema.ts';
import { localRunner } from '../../src/world/remote/local-runner.ts';
import { describeResult, type Command } from '../../src/world/remote/runner.ts';
import {
  promotePostgres,
  startPostgres,
  stopPostgres,
  type StopMode,
} from '../../src/world/postgres/service.ts';
import { freePort } from './free-port.ts';

export const BIN_DIRECTORY = '/usr/lib/postgresql/15/bin';
export const ROLE_PASSWORD = 'secret:with\\specials';
const execute = promisify(execFile);

/** One server: where it is and how to reach it. */
export interface TestServer {
  readonly name: string;
  /** The configuration a node would have; `dataDirectory`'s parent belongs to postgres. */
  readonly postgres: PostgresConfig;
  readonly socketDirectory: string;
}

/** A temporary folder with servers in it. Call `remove` in `afterAll`, always. */
export interface Playground {
  readonly directory: string;
  /** A new server by initdb with those further options, started, with `primacy`'s role, tables and grants. */
  readonly createPrimary: (
    name: string,
    settings?: readonly string[],
    initialisation?: readonly string[],
  ) => Promise<TestServer>;
  /** A streaming standby of `primary`, by pg_basebackup with those further options, started. */
  readonly createStandby: (
    name: string,
    primary: TestServer,
    options?: readonly string[],
  ) => Promise<TestServer>;
  /** Ends every server below the folder, however it stands, and removes the folder. */
  readonly remove: () => Promise<void>;
}

const BASE_SETTINGS = [
  "listen_addresses = '127.0.0.1'",
  'wal_log_hints = on',
  'fsync = on',
  'shared_buffers = 16MB',
  'max_connections = 30',
  'max_wal_senders = 5',
  'wal_keep_size = 128MB',
  'min_wal_size = 32MB',
  'checkpoint_timeout = 1h',
  'autovacuum = off',
];

/** Makes an empty playground. */
export async function createPlayground(): Promise<Playground> {
  const directory = await mkdtemp('/tmp/primacy-test-');
  await chmod(directory, 0o755);
  const passwordFile = join(directory, 'password');
  await writeFile(passwordFile, `${ROLE_PASSWORD}\n`, { mode: 0o600 });
  const servers: TestServer[] = [];
  const place = async (name: string): Promise<TestServer> => {
    const server = await makeServer(directory, name, passwordFile);
    servers.push(server);
    return server;
  };
  return {
    directory,
    createPrimary: async (name, settings = [], initialisation = []) =>
      initialise(await place(name), settings, initialisation),
    createStandby: async (name, primary, options = []) => clone(await place(name), primary, options),
    remove: async () => {
      for (const server of servers) await endProcesses(server);
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function makeServer(directory: string, name: string, passwordFile: string): Promise<TestServer> {
  const home = join(directory, name);
  await mkdir(home);
  await execute('chown', ['postgres:postgres', home]);
  const dataDirectory = join(home, 'data');
  return {
    name,
    socketDirectory: home,
    postgres: {
      port: await freePort(),
      dataDirectory,
      configFile: join(dataDirectory, 'postgresql.conf'),
      binDirectory: BIN_DIRECTORY,
      user: 'postgres',
      role: 'primacy',
      passwordFile,
    },
  };
}

async function initialise(
  server: TestServer,
  settings: readonly string[],
  initialisation: readonly string[],
): Promise<TestServer> {
  const { dataDirectory } = server.postgres;
  const options = ['-D', dataDirectory, '-k', '-N', '-U', 'postgres', '--no-instructions', '-E', 'UTF8'];
  const auth = ['--auth-local=trust', '--auth-host=scram-sha-256'];
  await must('initdb', [...options, ...auth, ...initialisation]);
  await configure(server, [...BASE_SETTINGS, ...settings]);
  await startServer(server);
  await sql(server, ROLE_AND_TABLES);
  return server;
}

async function clone(
  server: TestServer,
  primary: TestServer,
  options: readonly string[],
): Promise<TestServer> {
  const source = `host=${primary.socketDirectory} port=${primary.postgres.port} user=postgres`;
  const target = ['-D', server.postgres.dataDirectory, '-d', source, '-c', 'fast', '-N'];
  await must('pg_basebackup', [...target, ...options]);
  await configure(server, [
    `primary_conninfo = 'host=${primary.socketDirectory} port=${primary.postgres.port} user=postgres application_name=${server.name}'`,
  ]);
  await writeFile(join(server.postgres.dataDirectory, 'standby.signal'), '');
  await startServer(server);
  return server;
}

/** Appends settings; the last one of a name wins. */
async function configure(server: TestServer, settings: readonly string[]): Promise<void> {
  const own = [`port = ${server.postgres.port}`, `unix_socket_directories = '${server.socketDirectory}'`];
  await appendFile(server.postgres.configFile, `${[...own, ...settings].join('\n')}\n`);
}

/** Starts the server and waits until it answers. */
export async function startServer(server: TestServer): Promise<void> {
  const result = await startPostgres(localRunner, server.postgres, 30);
  if (result.kind !== 'done')
    throw new Error(
      `cannot start ${server.name}: ${result.kind}: ${await readFile(`${server.postgres.dataDirectory}.log`, 'utf8')}`,
    );
}

/** Stops the server and waits for its end. */
export async function stopServer(server: TestServer, mode: StopMode): Promise<void> {
  const result = await stopPostgres(localRunner, server.postgres, mode, 30);
  if (result.kind !== 'done') throw new Error(`cannot stop ${server.name}: ${JSON.stringify(result)}`);
}

/** Promotes the standby by `pg_ctl promote` and waits until it is writable. */
export async function promoteServer(server: TestServer): Promise<void> {
  const result = await promotePostgres(localRunner, server.postgres, 30);
  if (result.kind !== 'done') throw new Error(`cannot promote ${server.name}: ${JSON.stringify(result)}`);
}

/** Runs statements as superuser through the server's own socket. */
export async function sql<Row extends QueryResultRow>(
  server: TestServer,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new Client({
    host: server.socketDirectory,
    port: server.postgres.port,
    user: 'postgres',
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
    query_timeout: 30_000,
  });
  // The query that was under way rejects with the same error; without a listener it would also end the process.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result =
      values.length === 0 ? await client.query<Row>(text) : await client.query<Row>(text, [...values]);
    return result.rows;
  } finally {
    await client.end();
  }
}

/** The process id of the postmaster, as its lock file says. */
export async function postmasterPid(server: TestServer): Promise<number> {
  const text = await readFile(join(server.postgres.dataDirectory, 'postmaster.pid'), 'utf8');
  return Number(text.split('\n')[0]);
}

/** Runs one of PostgreSQL's programs as its user; throws with its words where it fails. */
async function must(program: string, parameters: readonly string[]): Promise<void> {
  const command: Command = {
    program: join(BIN_DIRECTORY, program),
    arguments: parameters,
    user: 'postgres',
    timeoutMs: 60_000,
  };
  const result = await localRunner.run(command);
  if (result.kind !== 'done') throw new Error(describeResult(command, result));
}

/** SIGKILL to every process whose working directory is the data directory: works on stopped and orphaned ones too. */
async function endProcesses(server: TestServer): Promise<void> {
  const script =
    'for p in /proc/[0-9]*; do [ "$(readlink "$p/cwd")" = "$1" ] && kill -KILL "${p#/proc/}"; done; true';
  await execute('sh', ['-c', script, 'sh', server.postgres.dataDirectory]);
}

const ROLE_AND_TABLES = `
  create role primacy login replication password '${ROLE_PASSWORD}' in role pg_monitor, pg_checkpoint, pg_read_all_data;
  grant execute on function pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_stat_file(text),
    pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean), pg_read_file(text),
    pg_promote(boolean, integer) to primacy;
  create table sr_delay (id int primary key, sr_date timestamptz);
  insert into sr_delay values (1, now());
  create schema primacy;
  create table primacy.epoch (id uuid primary key, node text, epoch bigint, written_at timestamptz);
  create table primacy.marker (id uuid primary key, node text, written_at timestamptz);
  grant usage on schema primacy to primacy;
  grant select, insert, update, delete on sr_delay, primacy.epoch, primacy.marker to primacy;
`;
