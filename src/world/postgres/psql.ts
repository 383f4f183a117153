/** Runs SQL as the server's superuser through its own socket, the way an administrator would: `runuser -u postgres -- psql`. */
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { PostgresConfig } from '../../config/schema.ts';
import { readOptional } from '../files/read-optional.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';
import { connectionString } from './recovery-settings.ts';

const LIMIT_MS = 30_000;

/**
 * Sends the statements by standard input, so that no secret is ever an argument, and returns what psql printed: one row a
 * line, columns by `|`. Stops at the first error and throws `command-failed`.
 */
export async function runPsql(
  runner: Runner,
  postgres: PostgresConfig,
  database: string,
  statements: string,
): Promise<string> {
  // A name with an equals sign would be taken for a connection string.
  const target = connectionString({ dbname: database });
  const command: Command = {
    program: join(postgres.binDirectory, 'psql'),
    arguments: ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-p', String(postgres.port), '-d', target, '-f', '-'],
    user: postgres.user,
    timeoutMs: LIMIT_MS,
    input: statements,
    ...(await socketOf(postgres.dataDirectory)),
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot run SQL in database ${database}: ${describeResult(command, result)}`,
    );
  return result.stdout;
}

/** The first of the server's own socket folders, which need not be Debian's: the fifth line of its lock file. libpq's PGHOST overrules it. */
async function socketOf(
  dataDirectory: string,
): Promise<{ readonly environment?: Readonly<Record<string, string>> }> {
  const told = process.env['PGHOST'];
  if (told !== undefined) return { environment: { PGHOST: told } };
  const lines = ((await readOptional(join(dataDirectory, 'postmaster.pid'))) ?? '').split('\n');
  const folder = lines[4] ?? '';
  return folder.startsWith('/') ? { environment: { PGHOST: folder } } : {};
}
