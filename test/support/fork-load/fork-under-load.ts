/** Two servers under load, forked for so many seconds, the loser accounted for, and its bundle held against a full dump of it. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { lsnDifferenceBytes, parseLsn } from '../../../src/core/model/lsn.ts';
import { account } from '../../../src/node/procedures/account.ts';
import { fence } from '../../../src/node/procedures/fence.ts';
import { systemClock } from '../../../src/world/clock.ts';
import { psqlJson } from '../../../src/world/postgres/psql-lines.ts';
import { readBundleManifest, type BundleManifest } from '../../../src/world/files/salvage-bundle.ts';
import {
  BIN_DIRECTORY,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../procedure-context.ts';
import { discardedRound, FRESH, survivorRound } from './ddl.ts';
import { targetOf } from './dump-relation.ts';
import { copyBefore, forkOf, recoverTo } from './fork-state.ts';
import { groundOf, type GroundSizes, type LoadedDatabase } from './ground.ts';
import { dumpSides, judgeBundle, type Judgement } from './judge-bundle.ts';
import { runStatement, startLoad } from './run-load.ts';

const execute = promisify(execFile);

export interface ForkOptions extends GroundSizes {
  readonly seconds: number;
  readonly say: (text: string) => void;
}

export interface ForkResult {
  readonly judgement: Judgement;
  readonly account: BundleManifest['account'];
  readonly content: NonNullable<BundleManifest['content']>;
  readonly rounds: number;
  /** DDL that another session's locks kept from happening. */
  readonly failed: readonly string[];
  readonly accountSeconds: number;
  /** WAL that the discarded side wrote after the fork. */
  readonly walBytes: number;
  readonly bundleBytes: number;
  readonly bundleWalBytes: number;
  /** The table that nobody touched: its size, and how much of it is in the cache after it was taken out before the account. */
  readonly untouchedBytes: number;
  readonly untouchedReadBytes: number;
}

/** Settings of a server that somebody uses: automatic clean-up, and checkpoints meanwhile. */
const SETTINGS = [
  'autovacuum = on',
  'autovacuum_naptime = 2s',
  'checkpoint_timeout = 30s',
  'max_prepared_transactions = 5',
  'wal_keep_size = 16GB',
  'max_wal_size = 1GB',
  'synchronous_commit = off',
  "timezone = 'Europe/Berlin'",
];
const WARM_UP_SECONDS = 3;

export async function forkUnderLoad(playground: Playground, options: ForkOptions): Promise<ForkResult> {
  const { say } = options;
  const databases = groundOf(options);
  const scratch = join(playground.directory, 'scratch');
  await mkdir(scratch);
  say('making the databases');
  const one = await playground.createPrimary('pg1', SETTINGS);
  await makeDatabases(one, databases, options);
  const copy = await copyBefore(playground, one);
  const two = await playground.createStandby('pg2', one);
  const { rounds, failed } = await runBoth(one, two, databases, scratch, options);
  say('dumping the discarded side, and the state at the fork');
  await recoverTo(copy, await forkOf(two), one);
  const sides = { fork: copy, discarded: one, survivor: two, scratch };
  const dumped = await dumpSides(sides);
  const untouched = await untouchedFile(one);
  const context = await contextOf(playground.directory, one, [one, two]);
  await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  await execute('dd', [`if=${untouched}`, 'iflag=nocache', 'count=0', 'status=none']);
  if ((await cachedBytes(untouched)) > 0) throw new Error('cannot take the untouched table out of the cache');
  say('accounting for the discarded side');
  const begun = performance.now();
  const accounted = await account(context, { ...orderOf('r-1'), survivor: nodeNamed(two) });
  const accountSeconds = (performance.now() - begun) / 1_000;
  const untouchedReadBytes = await cachedBytes(untouched);
  const manifest = await readBundleManifest(accounted.bundle);
  if (manifest?.content === null || manifest === null) throw new Error('no bundle');
  say('comparing');
  const judgement = await judgeBundle(sides, dumped, accounted.bundle, manifest.content);
  return {
    judgement,
    account: accounted,
    content: manifest.content,
    rounds,
    failed,
    accountSeconds,
    walBytes: lsnDifferenceBytes(accounted.endLsn, accounted.forkLsn),
    bundleBytes: await sizeOf(accounted.bundle),
    bundleWalBytes: await sizeOf(join(accounted.bundle, 'wal')),
    untouchedBytes: await sizeOf(untouched),
    untouchedReadBytes,
  };
}

async function makeDatabases(
  server: TestServer,
  databases: readonly LoadedDatabase[],
  { scale }: GroundSizes,
): Promise<void> {
  for (const { name, before } of databases) {
    await sql(server, `create database "${name.replaceAll('"', '""')}"`);
    await runStatement(server, { database: name, text: before });
    await runStatement(server, { database: name, text: 'vacuum (freeze, analyze)' });
  }
  const place = ['-h', server.socketDirectory, '-p', String(server.postgres.port), '-U', 'postgres'];
  await execute(join(BIN_DIRECTORY, 'pgbench'), [...place, '-i', '-q', '-s', String(scale), 'bank']);
  await sql(server, 'checkpoint');
}

/** Load before the fork, so that transactions span it; then load on both sides; at the end the loser dies under it and starts again. */
async function runBoth(
  one: TestServer,
  two: TestServer,
  databases: readonly LoadedDatabase[],
  scratch: string,
  { seconds, say }: ForkOptions,
): Promise<{ readonly rounds: number; readonly failed: readonly string[] }> {
  const before = await startLoad({ server: one, databases, scratch, round: null });
  await systemClock.wait(WARM_UP_SECONDS * 1_000);
  await runStatement(one, {
    database: 'bank',
    text: "begin; insert into loose values (99, 'spans'); prepare transaction 'spans'",
  });
  await caughtUp(one, two);
  await promoteServer(two);
  say(`forked; both sides write for ${seconds} s`);
  const other = await startLoad({ server: two, databases, scratch, round: survivorRound });
  const own = await startLoad({ server: one, databases: [], scratch, round: discardedRound });
  await runStatement(one, { database: 'bank', text: "commit prepared 'spans'" });
  await systemClock.wait(seconds * 1_000);
  const { rounds, failed } = await own.end();
  for (const statement of FRESH) await runStatement(one, statement);
  await runStatement(one, {
    database: 'bank',
    text: "begin; insert into loose values (98, 'promised'); prepare transaction 'left'",
  });
  await stopServer(one, 'immediate');
  await before.end();
  await other.end();
  await startServer(one);
  return { rounds, failed };
}

/** What was prepared has to be on both sides. */
async function caughtUp(one: TestServer, two: TestServer): Promise<void> {
  const [row] = await sql<{ lsn: string }>(one, 'select pg_current_wal_insert_lsn() as lsn');
  const aim = parseLsn(row?.lsn ?? '0/0');
  for (let look = 0; look < 600; look += 1) {
    const [at] = await sql<{ lsn: string }>(two, 'select pg_last_wal_replay_lsn() as lsn');
    if (parseLsn(at?.lsn ?? '0/0') >= aim) return;
    await systemClock.wait(100);
  }
  throw new Error('the standby does not catch up');
}

async function untouchedFile(server: TestServer): Promise<string> {
  const query = "select to_json(pg_relation_filepath('public.untouched'));";
  const [path = ''] = await psqlJson<string>(targetOf(server, 'shop'), query);
  return join(server.postgres.dataDirectory, path);
}

async function cachedBytes(file: string): Promise<number> {
  const { stdout } = await execute('fincore', ['--bytes', '--noheadings', '--raw', '--output', 'RES', file]);
  return Number(stdout.trim());
}

async function sizeOf(path: string): Promise<number> {
  const { stdout } = await execute('du', ['--summarize', '--apparent-size', '--bytes', path]);
  return Number(stdout.split('\t')[0]);
}
