/** Looks at what a cluster has beside the ordinary, for the judgement before a node is handed over. Changes nothing but the password file. */
import { join } from 'node:path';
import { vipAddress } from '../../config/vip.ts';
import type { NodeConfig } from '../../config/schema.ts';
import type { AdoptionFacts, Login } from '../../core/guard/judge-adoptable.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { ReplicationSlot } from '../../core/model/replication-slot.ts';
import { troubleWith } from '../../world/keepalived/foreign-parts.ts';
import { readConfiguration } from '../../world/keepalived/read-configuration.ts';
import { findBackupPlaces, realPlace } from '../../world/postgres/backup-places.ts';
import { runPsql } from '../../world/postgres/psql.ts';
import { connectionString } from '../../world/postgres/recovery-settings.ts';
import { createSession } from '../../world/postgres/session.ts';
import { SLOTS_JSON } from '../../world/postgres/slots.ts';
import { OWN_FILES, receiverPasswordFile, writeReceiverPassword } from '../procedures/rejoin/prepare.ts';
import type { GuardContext } from './guard-context.ts';
import type { AdoptableServer } from './preconditions.ts';

const SETTINGS = ['hot_standby', 'max_wal_senders', 'wal_keep_size', 'restore_command', 'primary_slot_name'];
const LOOPBACK = '127.0.0.1';

export async function lookBeforeAdoption(
  context: GuardContext,
  { role }: AdoptableServer,
): Promise<AdoptionFacts> {
  const { cluster, node } = context;
  await writeReceiverPassword(context);
  const others = cluster.nodes.filter((it) => it.kind === 'database' && it.name !== node.name);
  const address = (of: NodeConfig): string => of.addresses[0] ?? '';
  const logins = await Promise.all([
    sqlLogin(context, node.name, LOOPBACK),
    listens(context, address(node)),
    ...others.flatMap((it) => [
      sqlLogin(context, it.name, address(it)),
      replicationLogin(context, it.name, address(it)),
    ]),
  ]);
  const server = await lookAtServer(context);
  return {
    self: node.name,
    role,
    others: others.length,
    logins,
    ...server,
    noBackup: await noBackup(context),
    keepalived: keepalivedTrouble(context),
  };
}

/** As the agent will ask. */
async function sqlLogin({ cluster }: GuardContext, to: string, address: string): Promise<Login> {
  const { postgres, heartbeat, timings } = cluster;
  const session = createSession({
    host: address,
    port: postgres.port,
    database: heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: 'primacy adopt',
    connectTimeoutMs: timings.sqlConnectSeconds * 1_000,
    settings: {},
  });
  try {
    const limitMs = (timings.sqlConnectSeconds + timings.sqlStatementSeconds) * 1_000;
    const outcome = await session.query({ name: 'primacy-login', text: 'select 1' }, limitMs);
    if (outcome.kind === 'rows') return { to, address, way: 'sql', answer: 'let-in', detail: '' };
    const { kind, detail, sqlState } = outcome.failure;
    // Class 28 is a refused login; too many clients and the like pass by themselves.
    const answer =
      kind === 'refused' ? 'refused' : sqlState?.startsWith('28') === true ? 'rejected' : 'silent';
    return { to, address, way: 'sql', answer, detail };
  } finally {
    await session.close();
  }
}

/** Who may log in from here is not asked: others come from elsewhere. */
async function listens(context: GuardContext, address: string): Promise<Login> {
  const login = await sqlLogin(context, context.node.name, address);
  return login.answer === 'rejected' ? { ...login, answer: 'let-in' } : login;
}

/** As a WAL receiver and pg_basebackup will ask, by libpq. */
async function replicationLogin(
  { cluster, runner }: GuardContext,
  to: string,
  address: string,
): Promise<Login> {
  const { postgres, timings } = cluster;
  const seconds = Math.ceil(timings.sqlConnectSeconds);
  const target = {
    host: address,
    port: postgres.port,
    user: postgres.role,
    replication: 'true',
    connect_timeout: seconds,
  };
  const result = await runner.run({
    program: join(postgres.binDirectory, 'psql'),
    arguments: ['-XqAtw', '-d', connectionString(target), '-c', 'IDENTIFY_SYSTEM'],
    user: postgres.user,
    environment: { PGPASSFILE: receiverPasswordFile(postgres.dataDirectory) },
    timeoutMs: (seconds + timings.sqlStatementSeconds) * 1_000,
  });
  const login = { to, address, way: 'replication' } as const;
  if (result.kind === 'done') return { ...login, answer: 'let-in', detail: '' };
  if (result.kind === 'unknown') return { ...login, answer: 'silent', detail: 'no answer in time' };
  const detail =
    result.stderr
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^psql: (error: )?/, '') ?? '';
  if (/Connection refused/.test(detail)) return { ...login, answer: 'refused', detail };
  const rejected =
    /pg_hba\.conf|authentication failed|role .* (does not exist|is not permitted)|must be superuser or replication/;
  return { ...login, answer: rejected.test(detail) ? 'rejected' : 'silent', detail };
}

interface ServerRow {
  readonly settings: Readonly<Record<string, string>>;
  readonly slots: readonly ReplicationSlot[];
  readonly files: readonly string[];
}

async function lookAtServer({
  cluster,
  runner,
}: GuardContext): Promise<Pick<AdoptionFacts, 'settings' | 'slots' | 'includedFiles'>> {
  const { postgres } = cluster;
  const names = SETTINGS.map((it) => `'${it}'`).join(', ');
  const text = await runPsql(
    runner,
    postgres,
    'postgres',
    `select json_build_object(
      'settings', (select json_object_agg(name, setting) from pg_settings where name in (${names})),
      'slots', ${SLOTS_JSON},
      'files', (select coalesce(json_agg(distinct sourcefile), '[]') from pg_file_settings
        where sourcefile is not null and starts_with(sourcefile, current_setting('data_directory') || '/')))`,
  );
  const row = JSON.parse(text) as ServerRow;
  const real = await realPlace(postgres.dataDirectory);
  const own = new Set(
    [postgres.dataDirectory, real].flatMap((it) => OWN_FILES.map((name) => join(it, name))),
  );
  return { settings: row.settings, slots: row.slots, includedFiles: row.files.filter((it) => !own.has(it)) };
}

async function noBackup({ cluster }: GuardContext): Promise<string | null> {
  try {
    await findBackupPlaces(cluster.postgres.dataDirectory, 'adoption', []);
    return null;
  } catch (error) {
    if (error instanceof PrimacyError) return error.message;
    throw error;
  }
}

/** A configuration that is not there yet cannot be judged. */
function keepalivedTrouble({ cluster }: GuardContext): readonly string[] {
  const { configFile, vrrpInstance } = cluster.keepalived;
  try {
    return troubleWith(readConfiguration(configFile).nodes, { vrrpInstance, vip: vipAddress(cluster) });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw new PrimacyError('output-invalid', `cannot read ${configFile}: ${errorText(error)}`, {
      cause: error,
    });
  }
}
