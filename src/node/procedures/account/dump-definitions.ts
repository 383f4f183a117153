/** Writes down how tables, views and sequences that were created or altered are defined now, in pg_dump's words. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DefinitionChange } from '../../../core/model/account-content.ts';
import { createHashedFile, type FileSum } from '../../../world/files/hashed-file.ts';
import { describeResult, type Command } from '../../../world/remote/runner.ts';
import type { ProcedureContext } from '../context.ts';
import type { IsolatedServer } from '../isolated-server.ts';

const DUMPED = new Set(['table', 'view', 'materialized view', 'sequence', 'foreign table']);
/** Each is an argument of the command line. */
const NAMES_MAX = 500;

export interface DumpedDefinitions {
  readonly sums: Readonly<Record<string, FileSum>>;
  readonly notRecovered: readonly string[];
}

/** One file a database, `definitions/DATABASE.sql`. What cannot be dumped is named. */
export async function dumpDefinitions(
  context: ProcedureContext,
  server: IsolatedServer,
  directory: string,
  definitions: readonly DefinitionChange[],
): Promise<DumpedDefinitions> {
  const sums: Record<string, FileSum> = {};
  const notRecovered: string[] = [];
  for (const database of new Set(definitions.map((it) => it.database))) {
    const names = definitions
      .filter((it) => it.database === database && DUMPED.has(it.type) && it.change !== 'dropped')
      .map((it) => it.identity);
    if (names.length > NAMES_MAX)
      notRecovered.push(`definitions of ${names.length - NAMES_MAX} more relations of database ${database}`);
    if (names.length === 0) continue;
    const text = await dump(context, server, database, names.slice(0, NAMES_MAX));
    if (text.startsWith(FAILED)) {
      notRecovered.push(`definitions of database ${database}: ${text.slice(FAILED.length)}`);
      continue;
    }
    await mkdir(join(directory, 'definitions'), { recursive: true, mode: 0o700 });
    const name = `definitions/${encodeURIComponent(database)}.sql`;
    const file = await createHashedFile(join(directory, name));
    try {
      await file.write(text);
      sums[name] = await file.complete();
    } finally {
      await file.discard();
    }
  }
  return { sums, notRecovered };
}

const FAILED = '!';

async function dump(
  { cluster, runner }: ProcedureContext,
  server: IsolatedServer,
  database: string,
  names: readonly string[],
): Promise<string> {
  const { socketDirectory, port, timeoutMs } = server.target(database);
  const command: Command = {
    program: join(cluster.postgres.binDirectory, 'pg_dump'),
    arguments: ['--schema-only', '-U', cluster.postgres.user, ...names.map((name) => `--table=${name}`)],
    user: cluster.postgres.user,
    timeoutMs,
    environment: { PGHOST: socketDirectory, PGPORT: String(port), PGDATABASE: database },
  };
  const result = await runner.run(command);
  return result.kind === 'done' ? result.stdout : `${FAILED}${describeResult(command, result)}`;
}
