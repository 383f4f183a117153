/** Runs SQL through psql and hands over its output line by line, in bounded memory: what a server holds may be larger than ours. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { PostgresConfig } from '../../config/schema.ts';

export interface PsqlTarget {
  readonly postgres: Pick<PostgresConfig, 'binDirectory' | 'user'>;
  /** Folder of the server's socket. */
  readonly socketDirectory: string;
  readonly port: number;
  readonly database: string;
  readonly timeoutMs: number;
}

/** Values as text must read the same on both servers, whatever their settings are. */
export const textSettings: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog',
  datestyle: 'ISO,YMD',
  intervalstyle: 'postgres',
  timezone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  lc_monetary: 'C',
  xmloption: 'content',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_session_timeout: '0',
  jit: 'off',
};

/** Rows fetched at a time. */
const FETCH_ROWS = 200;
const WORDS_MAX = 4_000;

/**
 * Sends `statements` and calls `onLine` for each line of unaligned output, waiting for it, so that psql waits too. Rejects with
 * `command-failed` at the first error, `timeout` after the limit, and with whatever `onLine` throws.
 */
export async function psqlLines(
  target: PsqlTarget,
  statements: string,
  onLine: (line: string) => void | Promise<void>,
): Promise<void> {
  const { postgres, socketDirectory, port, database } = target;
  const psql = [join(postgres.binDirectory, 'psql'), '-XqAt', '-v', 'ON_ERROR_STOP=1', '-f', '-'];
  const child = spawn('runuser', ['-u', postgres.user, '--', ...psql], {
    stdio: ['pipe', 'pipe', 'pipe'],
    cwd: '/',
    env: {
      PATH: '/usr/sbin:/usr/bin:/sbin:/bin',
      LC_ALL: 'C.UTF-8',
      PGHOST: socketDirectory,
      PGPORT: String(port),
      PGDATABASE: database,
      PGUSER: postgres.user,
      PGCLIENTENCODING: 'UTF8',
      PGOPTIONS: Object.entries(textSettings)
        .map(([name, value]) => `-c ${name}=${value}`)
        .join(' '),
    },
    signal: AbortSignal.timeout(Math.max(1, target.timeoutMs)),
    killSignal: 'SIGKILL',
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  // Read only after the lines; a rejection until then must not count as unhandled.
  ended.catch(() => undefined);
  let words = '';
  child.stderr.on('data', (chunk: Buffer) => {
    words = (words + chunk.toString('utf8')).slice(-WORDS_MAX);
  });
  // A program that ends early breaks the pipe; its exit code tells what matters.
  child.stdin.on('error', () => undefined);
  child.stdin.end(`\\set FETCH_COUNT ${FETCH_ROWS}\n${statements}\n`);
  try {
    await eachLine(child.stdout, onLine);
    const code = await ended;
    if (code !== 0)
      throw new PrimacyError(
        'command-failed',
        `cannot read database ${database}: psql ended with ${code}: ${words.trim()}`,
      );
  } catch (error) {
    child.kill('SIGKILL');
    if (error instanceof Error && error.name === 'AbortError')
      throw new PrimacyError('timeout', `cannot read database ${database} in time`, {
        retryable: true,
        cause: error,
      });
    throw error;
  }
}

async function eachLine(
  output: AsyncIterable<Buffer>,
  onLine: (line: string) => void | Promise<void>,
): Promise<void> {
  // A long value comes in many chunks: they are joined once, at the end of its line.
  let parts: Buffer[] = [];
  for await (const chunk of output) {
    let begin = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, begin)) {
      parts.push(chunk.subarray(begin, end));
      await onLine(Buffer.concat(parts).toString('utf8'));
      parts = [];
      begin = end + 1;
    }
    if (begin < chunk.length) parts.push(chunk.subarray(begin));
  }
}

/** Runs a query whose rows are one JSON document each, and returns them all: for catalogs, not for data. */
export async function psqlJson<T>(target: PsqlTarget, query: string): Promise<readonly T[]> {
  const rows: T[] = [];
  await psqlLines(target, query, (line) => {
    rows.push(JSON.parse(line) as T);
  });
  return rows;
}
