/** `primacy setup`: creates what agent, rejoin and accounting need in PostgreSQL, once, on the primary. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import type { ClusterConfig } from '../config/schema.ts';
import { errorText, PrimacyError } from '../core/model/primacy-error.ts';
import { identifyNode } from '../node/identify.ts';
import { runPsql } from '../world/postgres/psql.ts';
import {
  databasesQuery,
  extensionStatement,
  heartbeatStatements,
  roleStatements,
  systemIdentifierQuery,
  type SetupParts,
} from '../world/postgres/setup-statements.ts';
import { localRunner } from '../world/remote/local-runner.ts';

interface SetupFlags {
  readonly config: string;
  readonly node?: string;
  readonly print?: boolean;
}

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--print', 'show the SQL and change nothing')
    .addHelpText('after', '\nExample:\n  primacy setup --print | less\n  primacy setup')
    .action((flags: SetupFlags) => run(flags));
}

async function run(flags: SetupFlags): Promise<void> {
  const { cluster } = identifyNode(await loadConfig(flags.config), flags.node);
  const parts: SetupParts = {
    role: cluster.postgres.role,
    database: cluster.heartbeat.database,
    password: null,
  };
  if (flags.print === true) print(parts);
  else await apply(cluster, { ...parts, password: await readPassword(cluster) });
}

function print(parts: SetupParts): void {
  process.stdout.write(`-- In any database, as superuser:
${roleStatements(parts)}
-- In database ${parts.database}:
${heartbeatStatements(parts)}
-- In every database that "${databasesQuery}" names:
${extensionStatement}`);
}

async function apply(cluster: ClusterConfig, parts: SetupParts): Promise<void> {
  const { postgres } = cluster;
  const psql = (database: string, statements: string) => runPsql(localRunner, postgres, database, statements);
  if ((await psql(parts.database, 'select pg_is_in_recovery()')).trim() !== 'f')
    throw new PrimacyError('refused', 'cannot set up: this server is in recovery; run it on the primary');
  await psql(parts.database, roleStatements(parts));
  await psql(parts.database, heartbeatStatements(parts));
  const databases = (await psql(parts.database, databasesQuery)).split('\n').filter((name) => name !== '');
  for (const database of databases) await psql(database, extensionStatement);
  const found = (await psql(parts.database, systemIdentifierQuery)).trim();
  process.stdout.write(
    `set up: role ${parts.role}, sr_delay, schema primacy, pageinspect in ${databases.join(', ')}\n`,
  );
  if (cluster.systemIdentifier === null)
    process.stdout.write(`enter this in primacy.yml: systemIdentifier: '${found}'\n`);
  else if (cluster.systemIdentifier !== found)
    throw new PrimacyError(
      'refused',
      `cannot accept this server: primacy.yml expects system identifier ${cluster.systemIdentifier}, it has ${found}`,
    );
}

async function readPassword(cluster: ClusterConfig): Promise<string> {
  const { passwordFile } = cluster.postgres;
  try {
    return (await readFile(passwordFile, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    throw new PrimacyError('config-invalid', `cannot read ${passwordFile}: ${errorText(error)}`, {
      cause: error,
    });
  }
}
