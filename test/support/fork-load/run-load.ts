/** Runs pgbench in every database and DDL beside it, on one server, until it is told to end. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { systemClock } from '../../../src/world/clock.ts';
import { BIN_DIRECTORY, type TestServer } from '../postgres-cluster.ts';
import type { Statement } from './ddl.ts';
import type { LoadedDatabase, LoadRun } from './ground.ts';

/** pgbench ends by itself after this, whatever happens to us. */
const LIMIT_SECONDS = 900;
const PAUSE_MILLIS = 300;
/** Another session may hold a table for a moment; without a limit a round could wait for ever. */
const DDL_LIMITS = "set lock_timeout = '5s'; set deadlock_timeout = '200ms'";

export interface Load {
  /** Ends every client, as abruptly as a program that is killed, and tells how many rounds of DDL were run. */
  readonly end: () => Promise<{ readonly rounds: number; readonly failed: readonly string[] }>;
}

export interface LoadOptions {
  readonly server: TestServer;
  readonly databases: readonly LoadedDatabase[];
  readonly scratch: string;
  /** The statements of one round; null for no DDL. */
  readonly round: ((k: number) => readonly Statement[]) | null;
}

/** Starts it; resolves when all clients were started. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { server, databases } = options;
  const scratch = await mkdtemp(join(options.scratch, 'load-'));
  const children: ChildProcess[] = [];
  for (const database of databases)
    for (const [index, run] of database.runs.entries()) {
      const base = join(scratch, `${databases.indexOf(database)}-${index}`);
      children.push(await startPgbench(server, database.name, run, base));
    }
  const stop = { asked: false };
  const ddl = options.round === null ? Promise.resolve(NONE) : changeDefinitions(server, options.round, stop);
  ddl.catch(() => undefined);
  return {
    end: async () => {
      stop.asked = true;
      const result = await ddl;
      for (const child of children) {
        if (child.exitCode === null) {
          const ended = new Promise((resolve) => child.once('exit', resolve));
          child.kill('SIGKILL');
          await ended;
        }
        // Its server may have been killed under it; any other end means that the load was not what it should be.
        const words = wordsOf.get(child) ?? '';
        if (/ERROR/.test(words)) throw new Error(`pgbench ended early: ${words}`);
      }
      return result;
    },
  };
}

const NONE = { rounds: 0, failed: [] as string[] };
const wordsOf = new WeakMap<ChildProcess, string>();

async function startPgbench(
  server: TestServer,
  database: string,
  run: LoadRun,
  base: string,
): Promise<ChildProcess> {
  const files: string[] = [];
  for (const [index, { text, weight }] of run.scripts.entries()) {
    const file = `${base}-${index}.sql`;
    await writeFile(file, `${text}\n`);
    files.push('-f', `${file}@${weight}`);
  }
  const place = ['-h', server.socketDirectory, '-p', String(server.postgres.port), '-U', 'postgres'];
  const builtin = run.builtin === null ? [] : ['-b', run.builtin];
  const rate = run.rate === null ? [] : ['-R', String(run.rate)];
  const limits = ['-c', String(run.clients), '-T', String(LIMIT_SECONDS), '-n', '--max-tries=1000'];
  const child = spawn(
    join(BIN_DIRECTORY, 'pgbench'),
    [...place, ...limits, ...builtin, ...rate, ...files, database],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  child.stderr.on('data', (chunk: Buffer) =>
    wordsOf.set(child, `${wordsOf.get(child) ?? ''}${chunk.toString()}`.slice(-2_000)),
  );
  return child;
}

/** A statement that fails because somebody else has the table is tried in the next round or never: that it failed is told. */
async function changeDefinitions(
  server: TestServer,
  round: (k: number) => readonly Statement[],
  stop: { readonly asked: boolean },
): Promise<{ readonly rounds: number; readonly failed: readonly string[] }> {
  const failed: string[] = [];
  for (let k = 1; ; k += 1) {
    for (const statement of round(k)) {
      if (stop.asked) return { rounds: k, failed };
      try {
        await runStatement(server, statement);
      } catch (error) {
        failed.push(`${statement.database}: ${statement.text}: ${String(error)}`);
      }
    }
    await systemClock.wait(PAUSE_MILLIS);
  }
}

/** Runs one statement, or several in one transaction, in one of the databases. */
export async function runStatement(server: TestServer, { database, text }: Statement): Promise<void> {
  const client = new Client({
    host: server.socketDirectory,
    port: server.postgres.port,
    user: 'postgres',
    database,
    query_timeout: 600_000,
  });
  client.on('error', () => undefined);
  await client.connect();
  try {
    await client.query(DDL_LIMITS);
    await client.query(text);
  } finally {
    await client.end();
  }
}
