/**
 * The rows of facts.md section 6, "pg_rewind 15", that are not in rejoin.test.ts (clean stop, survivor without a checkpoint, crashed target,
 * peers.md lesson 2, settings that come along): each ends in a verified rejoin or in a plain refusal.
 */
import { execFile } from 'node:child_process';
import { appendFile, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account } from '../../../../../src/node/procedures/account.ts';
import { fence } from '../../../../../src/node/procedures/fence.ts';
import {
  BIN_DIRECTORY,
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../../support/procedure-context.ts';
import { expectFollowing, killServer, repairSplit } from '../../../../support/split.ts';

let playground: Playground;
let one: TestServer;
let two: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  two = await playground.createStandby('pg2', one);
});
afterEach(async () => {
  await playground.remove();
});

const insert = (server: TestServer): Promise<unknown> =>
  sql(server, `insert into item (text) values ('${server.name}')`);

/** Its settings stand outside the data directory, as Debian has them. */
async function likeDebian(server: TestServer): Promise<TestServer> {
  const folder = join(server.socketDirectory, 'etc');
  const configFile = join(folder, 'postgresql.conf');
  await stopServer(server, 'fast');
  await mkdir(folder);
  await rename(server.postgres.configFile, configFile);
  const { dataDirectory } = server.postgres;
  const places = [
    `data_directory = '${dataDirectory}'`,
    `hba_file = '${dataDirectory}/pg_hba.conf'`,
    `ident_file = '${dataDirectory}/pg_ident.conf'`,
  ];
  await appendFile(configFile, `${places.join('\n')}\n`);
  const moved = { ...server, postgres: { ...server.postgres, configFile } };
  await startServer(moved);
  return moved;
}

test('killed, with a stale lock file and its settings outside the data directory: it recovers alone and is rewound', async () => {
  const moved = await likeDebian(two);
  await promoteServer(moved);
  await sql(moved, 'checkpoint');
  await insert(moved);
  await insert(one);
  await killServer(moved);
  expect(await readdir(moved.postgres.dataDirectory)).toContain('postmaster.pid');
  const { accounted, report } = await repairSplit(playground.directory, moved, one);
  expect(accounted).toMatchObject({ clientTransactions: 1 });
  expect(report.how).toBe('rewind');
  await expectFollowing(moved, one);
});

test('without hints and checksums it gets a base backup', async () => {
  await stopServer(two, 'fast');
  await promisify(execFile)('runuser', [
    '-u',
    'postgres',
    '--',
    join(BIN_DIRECTORY, 'pg_checksums'),
    '--disable',
    '-D',
    two.postgres.dataDirectory,
  ]);
  await appendFile(two.postgres.configFile, 'wal_log_hints = off\n');
  await startServer(two);
  await promoteServer(two);
  await insert(two);
  const { accounted, report } = await repairSplit(playground.directory, two, one);
  expect(accounted).toMatchObject({ clientTransactions: 1 });
  expect(report.how).toBe('basebackup');
  await expectFollowing(two, one);
});

test('with its WAL from the fork on gone it is refused; with only that before the fork gone it gets a base backup', async () => {
  await sql(one, 'checkpoint');
  await sql(one, 'select pg_switch_wal()');
  await insert(one);
  await expect.poll(() => sql(two, 'select text from item'), { timeout: 20_000 }).toHaveLength(1);
  await promoteServer(two);
  await insert(one);
  const context = await contextOf(playground.directory, one, [one, two]);
  await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  const wal = join(one.postgres.dataDirectory, 'pg_wal');
  const names = (await readdir(wal)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  const [forked] = await sql<{ it: string }>(
    two,
    "select substr(pg_read_file('pg_wal/00000002.history'), 3) as it",
  );
  const atFork = `0000000100000000000000${(BigInt(`0x${forked?.it.split('/')[1]?.split('\t')[0] ?? ''}`) >> 24n).toString(16).toUpperCase().padStart(2, '0')}`;
  expect(names).toContain(atFork);
  await rename(join(wal, atFork), join(playground.directory, atFork));
  await expect(account(context, { ...orderOf('r-1'), survivor: nodeNamed(two) })).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(
      /^cannot account for what was committed: WAL file .* is missing/,
    ) as string,
  });
  await rename(join(playground.directory, atFork), join(wal, atFork));
  for (const name of names) if (name < atFork) await rm(join(wal, name));
  const { accounted, report } = await repairSplit(playground.directory, one, two);
  expect(accounted.clientTransactions).toBeGreaterThanOrEqual(1);
  expect(report.how).toBe('basebackup');
  await expectFollowing(one, two);
});

test('where the survivor does not let the role read its files, a base backup does without', async () => {
  await promoteServer(two);
  await insert(two);
  await sql(one, 'revoke execute on function pg_ls_dir(text, boolean, boolean) from primacy');
  const { report } = await repairSplit(playground.directory, two, one);
  expect(report.how).toBe('basebackup');
  await expectFollowing(two, one);
});

test('an old primary two promotions back is rewound from where the first of them was', async () => {
  await promoteServer(two);
  await stopServer(two, 'fast');
  await writeFile(join(two.postgres.dataDirectory, 'standby.signal'), '');
  await sql(one, 'select 1');
  await appendFile(two.postgres.configFile, "primary_conninfo = ''\n");
  await startServer(two);
  await promoteServer(two);
  await insert(one);
  await insert(two);
  const { accounted, report } = await repairSplit(playground.directory, one, two);
  expect(accounted).toMatchObject({ loserTimeline: 1, survivorTimeline: 3, clientTransactions: 1 });
  expect(report.how).toBe('rewind');
  await expectFollowing(one, two);
});

test('a server of another initdb is refused before anything is counted', async () => {
  const stranger = await playground.createPrimary('pg9');
  await expect(repairSplit(playground.directory, stranger, one)).rejects.toMatchObject({
    code: 'refused',
    message: expect.stringMatching(/belongs to cluster \d+, the survivor to \d+/) as string,
  });
});
