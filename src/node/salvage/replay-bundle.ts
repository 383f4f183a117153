/** Puts a bundle's rows into a primary: each database in one transaction, what conflicts is listed, and nothing twice. */
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { markReplayed, type ReplayMark, type StoredBundle } from '../../world/files/bundle-list.ts';
import { verifyBundle } from './verify-bundle.ts';

export interface ReplayTarget {
  /** In words, for the mark and for messages. */
  readonly name: string;
  readonly psql: string;
  /** What stands before psql on the command line, such as `runuser -u postgres --`. */
  readonly prefix: readonly string[];
  /** libpq keywords without dbname; empty for the local socket. */
  readonly conninfo: string;
}

/** A row that was not put back, and why. */
export interface Conflict {
  readonly database: string;
  readonly relation: string;
  readonly action: string;
  readonly why: string;
  readonly before: Readonly<Record<string, string | null>> | null;
  readonly after: Readonly<Record<string, string | null>> | null;
}

export interface DatabaseReplay {
  readonly database: string;
  readonly alreadyReplayed: boolean;
  readonly applied: number;
  readonly alreadyThere: number;
  readonly conflicts: number;
}

export interface ReplayReport {
  readonly bundle: string;
  readonly into: string;
  readonly dryRun: boolean;
  readonly databases: readonly DatabaseReplay[];
  readonly conflicts: readonly Conflict[];
}

export interface ReplayOptions {
  readonly dryRun: boolean;
  readonly by: string;
  readonly at: Date;
  readonly timeoutMs: number;
}

/** Conflicts kept in memory and shown; the sums count all of them. */
const SHOWN_MAX = 10_000;

/**
 * Verifies the bundle, runs its SQL and marks it as replayed. Throws `command-failed` where psql fails: that database's transaction is
 * rolled back as a whole, those before it stay, and a second call does only what is missing.
 */
export async function replayBundle(
  bundle: StoredBundle,
  target: ReplayTarget,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const manifest = await verifyBundle(bundle);
  const files = Object.keys(manifest.sums).filter((it) => /^replay\/.*\.sql$/.test(it));
  const databases: DatabaseReplay[] = [];
  const conflicts: Conflict[] = [];
  for (const file of files) {
    const database = decodeURIComponent(file.slice('replay/'.length, -'.sql'.length));
    const answers = await runFile(join(bundle.directory, file), database, target, options);
    for (const answer of answers) {
      if ('conflict' in answer) conflicts.push(conflictOf(database, answer));
      else databases.push({ database, ...answer });
    }
  }
  const report = { bundle: bundle.name, into: target.name, dryRun: options.dryRun, databases, conflicts };
  if (!options.dryRun && !databases.every((it) => it.alreadyReplayed && bundle.replayed !== null))
    await markReplayed(bundle.directory, markOf(report, options));
  return report;
}

function markOf({ into, databases }: ReplayReport, { by, at }: ReplayOptions): ReplayMark {
  return {
    at: at.toISOString(),
    by,
    into,
    databases: databases.map(({ database, applied, alreadyThere, conflicts }) => ({
      database,
      applied,
      alreadyThere,
      conflicts,
    })),
  };
}

type Answer = ConflictAnswer | Omit<DatabaseReplay, 'database'>;

interface ConflictAnswer {
  readonly conflict: string;
  readonly relation: string;
  readonly action: string;
  readonly columns: readonly string[];
  readonly before: readonly (string | null)[] | null;
  readonly after: readonly (string | null)[] | null;
}

function conflictOf(database: string, answer: ConflictAnswer): Conflict {
  const { relation, action, columns, conflict } = answer;
  const named = (values: ConflictAnswer['before']): Conflict['before'] =>
    values === null ? null : Object.fromEntries(columns.map((name, index) => [name, values[index] ?? null]));
  return {
    database,
    relation,
    action,
    why: conflict,
    before: named(answer.before),
    after: named(answer.after),
  };
}

/** psql reads the file as its standard input: it may run as somebody who may not enter the bundle's folder. */
async function runFile(
  path: string,
  database: string,
  target: ReplayTarget,
  options: ReplayOptions,
): Promise<readonly Answer[]> {
  const file = await open(path, 'r');
  try {
    const dbname = `dbname='${database.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
    const parameters = ['-X', ...(options.dryRun ? ['-v', 'dry_run=1'] : []), '-f', '-'];
    const words = [...target.prefix, target.psql, ...parameters, '-d', `${target.conninfo} ${dbname}`.trim()];
    const child = spawn(words[0] ?? '', words.slice(1), {
      stdio: [file.fd, 'pipe', 'pipe'],
      cwd: '/',
      env: { ...process.env, LC_ALL: 'C.UTF-8', PGAPPNAME: 'primacy-salvage' },
      signal: AbortSignal.timeout(options.timeoutMs),
      killSignal: 'SIGKILL',
    });
    const output: Buffer[] = [];
    let said = '';
    child.stdout?.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString('utf8')).slice(-4_000)));
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once('error', reject);
      child.once('close', resolve);
    }).catch((error: unknown) => {
      throw new PrimacyError('timeout', `cannot replay into database ${database}: ${errorText(error)}`, {
        retryable: true,
        cause: error,
      });
    });
    const lines = Buffer.concat(output)
      .toString('utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'));
    const answers = lines.slice(-SHOWN_MAX).map((line) => JSON.parse(line) as Answer);
    if (code !== 0 || answers.length === 0)
      throw new PrimacyError(
        'command-failed',
        `cannot replay into database ${database} on ${target.name}: psql ended with ${code}: ${said.trim()}`,
      );
    return answers;
  } finally {
    await file.close();
  }
}
