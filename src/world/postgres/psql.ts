/** Runs SQL as the server's superuser through its own socket, the way an administrator would: `runuser -u postgres -- psql`. */
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { PostgresConfig } from '../../config/schema.ts';
import { describeResult, type Command, type Runner } from '../remote/runner.ts';

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
  const command: Command = {
    program: join(postgres.binDirectory, 'psql'),
    arguments: ['-XqAt', '-v', 'ON_ERROR_STOP=1', '-p', String(postgres.port), '-d', database, '-f', '-'],
    user: postgres.user,
    timeoutMs: LIMIT_MS,
    input: statements,
    ...socketOf(process.env['PGHOST']),
  };
  const result = await runner.run(command);
  if (result.kind !== 'done')
    throw new PrimacyError(
      'command-failed',
      `cannot run SQL in database ${database}: ${describeResult(command, result)}`,
    );
  return result.stdout;
}

/** The socket's folder where it is not Debian's, as libpq reads it. */
function socketOf(host: string | undefined): { readonly environment?: Readonly<Record<string, string>> } {
  return host === undefined ? {} : { environment: { PGHOST: host } };
}
