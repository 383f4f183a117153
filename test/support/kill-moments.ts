/** Kills fence, account and rejoin at any millisecond of their way, calls them again until they end, and tells what became of the rows. */
import { spawn } from 'node:child_process';
import { readdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pollUntil, systemClock } from '../../src/world/clock.ts';
import { promoteServer, sql, type TestServer } from './postgres-cluster.ts';
import type { ChildTask } from './procedure-child.ts';

const CHILD = join(import.meta.dirname, 'procedure-child.ts');
const POLL_MILLIS = 200;
const FOLLOW_LIMIT_MILLIS = 30_000;
/** A child that is killed no more ends within this, or something hangs. */
const CALLS_MAX = 120;
const LOST_ROWS = 3;

export interface Pair {
  readonly directory: string;
  /** The survivor, which has a table `item (id serial, text text)`. */
  readonly one: TestServer;
  /** Its standby, which each round promotes and rejoins. */
  readonly two: TestServer;
}

export interface Round {
  readonly name: string;
  /** Milliseconds after its begin at which each call is killed, in order; the calls after that live. */
  readonly kills: readonly number[];
}

export interface RoundResult {
  readonly killed: number;
  /** `rewind`, `basebackup` or `none`. */
  readonly how: string;
  /** Milliseconds of the call that ended it. */
  readonly millis: number;
  /** The last entry of the node's journal when each kill came. */
  readonly diedAt: readonly string[];
  /** Empty, or what is wrong, a sentence each. */
  readonly faults: readonly string[];
}

/** Splits the pair, kills, resumes and looks. Throws where a call ends with an error other than "another procedure is under way". */
export async function survive(pair: Pair, round: Round): Promise<RoundResult> {
  const { one, two } = pair;
  await promoteServer(two);
  await sql(two, 'checkpoint');
  for (let row = 0; row < LOST_ROWS; row += 1) await sql(two, "insert into item (text) values ('lost')");
  await sql(one, `insert into item (text) values ('kept in ${round.name}')`);
  const task = {
    ...pair,
    own: two,
    servers: [one, two],
    survivor: one,
    fenceOnly: false,
    dieAt: 0,
    announce: true,
  };
  const diedAt: string[] = [];
  let killed = 0;
  for (let call = 0; call < CALLS_MAX; call += 1) {
    const killAfter = round.kills[call] ?? null;
    const end = await run({ ...task, remediation: round.name }, killAfter);
    if (end.kind === 'done') {
      const faults = await findFaults(pair, round.name);
      return { killed, how: end.how, millis: end.millis, diedAt, faults };
    }
    if (end.kind === 'killed') {
      killed += 1;
      diedAt.push(await lastEntry(pair));
    } else await systemClock.wait(POLL_MILLIS);
  }
  throw new Error(`${round.name} did not end within ${CALLS_MAX} calls`);
}

type End =
  | { readonly kind: 'done'; readonly how: string; readonly millis: number }
  | { readonly kind: 'killed' | 'locked' };

function run(task: ChildTask, killAfter: number | null): Promise<End> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [CHILD, JSON.stringify(task)], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let errors = '';
    let begun = 0;
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
      if (begun > 0 || !errors.includes('begun')) return;
      begun = performance.now();
      if (killAfter !== null) setTimeout(() => child.kill('SIGKILL'), killAfter).unref();
    });
    // Not 'close': what it left behind holds its pipes open.
    child.on('exit', (code, signal) => {
      if (signal === 'SIGKILL') resolve({ kind: 'killed' });
      else if (code !== 0 && errors.includes('is under way on this node')) resolve({ kind: 'locked' });
      else if (code !== 0) reject(new Error(errors));
      else {
        const report = JSON.parse(output) as { readonly how: string };
        resolve({ kind: 'done', how: report.how, millis: performance.now() - begun });
      }
    });
  });
}

async function lastEntry({ directory, two }: Pair): Promise<string> {
  const lines = (await readFile(join(directory, `${two.name}-state`, 'journal.jsonl'), 'utf8'))
    .trim()
    .split('\n');
  const { procedure, step, event } = JSON.parse(lines.at(-1) ?? '{}') as Readonly<Record<string, string>>;
  return `${procedure ?? ''} ${step ?? ''} ${event ?? ''}`;
}

/** Nothing lost: the survivor's rows are all on the follower, the loser's are all in the bundle, and nothing stands half done. */
async function findFaults(pair: Pair, round: string): Promise<readonly string[]> {
  const { directory, one, two } = pair;
  const faults: string[] = [];
  await sql(one, `insert into item (text) values ('after ${round}')`);
  const rows = 'select id, text from item order by id';
  const expected = JSON.stringify(await sql(one, rows));
  const same = await pollUntil(systemClock, FOLLOW_LIMIT_MILLIS, POLL_MILLIS, async () =>
    JSON.stringify(await sql(two, rows).catch(() => null)) === expected ? true : undefined,
  );
  if (same !== true) faults.push("the follower's rows are not the survivor's");
  const state = join(directory, `${two.name}-state`);
  const bundle = join(state, 'salvage', round);
  const { account, files } = JSON.parse(await readFile(join(bundle, 'account.json'), 'utf8')) as {
    readonly account: { readonly clientTransactions: number };
    readonly files: readonly string[];
  };
  if (account.clientTransactions !== LOST_ROWS)
    faults.push(`the account has ${account.clientTransactions} of ${LOST_ROWS} lost transactions`);
  const kept = new Set(await readdir(join(bundle, 'wal')));
  const missing = files.filter((name) => !kept.has(name));
  if (missing.length > 0) faults.push(`the bundle lacks ${missing.join(', ')}`);
  if ((await readdir(state)).includes('fence.json')) faults.push('the fence marker stands');
  await removeReplaced(two);
  return faults;
}

/** The data directories that base backups replaced would fill the disk over many rounds. */
async function removeReplaced(server: TestServer): Promise<void> {
  const parent = dirname(server.postgres.dataDirectory);
  for (const name of await readdir(parent))
    if (name.includes('.replaced-')) await rm(join(parent, name), { recursive: true, force: true });
}
