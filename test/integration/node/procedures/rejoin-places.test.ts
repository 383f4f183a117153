/** A node whose data directory is a link, whose WAL is on another disk and which has a tablespace is rejoined in both ways, each part in its place. */
import { chown, lstat, mkdir, readdir, readlink, rename, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account } from '../../../../src/node/procedures/account.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { rejoin } from '../../../../src/node/procedures/rejoin.ts';
import { findBackupPlaces } from '../../../../src/world/postgres/backup-places.ts';
import { swapDirectories } from '../../../../src/world/postgres/swap-directories.ts';
import type { RejoinReport } from '../../../../src/world/remote/protocol.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

/** pg_rewind takes no source with this setting, so that only a base backup helps. */
const REFUSES_REWIND = ['full_page_writes = off'];

let playground: Playground;
let one: TestServer;
let two: TestServer;
/** Of the second node: the directory that its data directory's link leads to, its WAL, its tablespace. */
let disk: string;
let wal: string;
let fast: string;

async function ownedByServer(path: string): Promise<string> {
  await mkdir(path);
  const { uid, gid } = await stat(one.socketDirectory);
  await chown(path, uid, gid);
  return path;
}

/** As an administrator moves a cluster to other disks; the data's path has a space and a sign that pg_basebackup must not split at. */
async function moveAway(server: TestServer): Promise<void> {
  await stopServer(server, 'fast');
  const { dataDirectory } = server.postgres;
  disk = join(await ownedByServer(join(server.socketDirectory, 'big disk=1')), 'data');
  wal = join(await ownedByServer(join(server.socketDirectory, 'wal disk')), 'wal');
  await rename(dataDirectory, disk);
  await symlink(disk, dataDirectory);
  await rename(join(disk, 'pg_wal'), wal);
  await symlink(wal, join(disk, 'pg_wal'));
  await startServer(server);
}

async function prepare(settings: readonly string[]): Promise<void> {
  one = await playground.createPrimary('pg1', settings);
  const source = await ownedByServer(join(one.socketDirectory, 'fast=1'));
  await sql(one, `create tablespace fast location '${source}'`);
  await sql(one, 'create table item (id serial primary key, text text) tablespace fast');
  fast = await ownedByServer(join(playground.directory, 'fast two'));
  const escaped = source.replaceAll('=', String.raw`\=`);
  two = await playground.createStandby('pg2', one, [`--tablespace-mapping=${escaped}=${fast}`]);
  await moveAway(two);
}

async function write(server: TestServer, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1)
    await sql(server, `insert into item (text) values ('${server.name}')`);
}

async function repair(loser: TestServer, survivor: TestServer, remediation: string): Promise<RejoinReport> {
  const context = await contextOf(playground.directory, loser, [one, two]);
  const order = orderOf(remediation);
  await fence(context, { ...order, reason: 'dual-primary' });
  const { digest } = await account(context, { ...order, survivor: nodeNamed(survivor) });
  return rejoin(context, { ...order, survivor: nodeNamed(survivor), accountDigest: digest });
}

async function expectFollowing(loser: TestServer, survivor: TestServer): Promise<void> {
  await write(survivor, 1);
  const rows = 'select id, text from item order by id';
  const wanted = await sql(survivor, rows);
  await expect.poll(() => sql(loser, rows), { timeout: 10_000 }).toEqual(wanted);
}

/** What a directory's links lead to. */
async function linksOf(dataDirectory: string): Promise<readonly string[]> {
  const tablespaces = join(dataDirectory, 'pg_tblspc');
  const names = await readdir(tablespaces);
  return Promise.all(
    [join(dataDirectory, 'pg_wal'), ...names.map((it) => join(tablespaces, it))].map((it) => readlink(it)),
  );
}

const partsOf = async (location: string): Promise<readonly string[]> =>
  (await readdir(location)).filter((it) => it.startsWith('PG_15_'));

beforeEach(async () => {
  playground = await createPlayground();
});
afterEach(async () => {
  await playground.remove();
});

test('pg_rewind follows the links, and every part stays where it was', async () => {
  await prepare([]);
  await promoteServer(two);
  await write(two, 2);
  await write(one, 1);
  expect((await repair(two, one, 'r-1')).how).toBe('rewind');
  await expectFollowing(two, one);
  expect(await linksOf(disk)).toEqual([wal, fast]);
});

test('a base backup takes the place of every part, and what it replaced is a whole data directory still', async () => {
  await prepare(REFUSES_REWIND);
  await promoteServer(two);
  await write(two, 2);
  await write(one, 1);
  expect((await repair(two, one, 'r-1')).how).toBe('basebackup');
  await expectFollowing(two, one);
  expect((await lstat(two.postgres.dataDirectory)).isSymbolicLink()).toBe(true);
  expect(await linksOf(disk)).toEqual([wal, fast]);
  expect(await partsOf(fast)).toHaveLength(1);

  const [kept = ''] = (await readdir(join(disk, '..'))).filter((it) => it.startsWith('data.replaced-r-1'));
  const label = kept.replace('data.', '');
  const links = await linksOf(join(disk, '..', kept));
  expect(links).toEqual([`${wal}.${label}`, join(fast, label)]);
  await expect(partsOf(join(fast, label))).resolves.toHaveLength(1);
  // Nothing half-made is left, and the swap does nothing once it is done.
  await swapDirectories(two.postgres.dataDirectory, label.replace('replaced-', ''));
  expect(await readdir(join(disk, '..'))).toEqual(['data', kept]);
  await expectFollowing(two, one);
});

test('the first node, with a tablespace of another path than the survivor, is replaced as well, and once more', async () => {
  await prepare(REFUSES_REWIND);
  const location = join(one.socketDirectory, 'fast=1');
  await promoteServer(two);
  await write(two, 1);
  await write(one, 1);
  expect((await repair(one, two, 'r-1')).how).toBe('basebackup');
  await expectFollowing(one, two);
  await promoteServer(one);
  await write(one, 1);
  await write(two, 1);
  expect((await repair(one, two, 'r-2')).how).toBe('basebackup');
  await expectFollowing(one, two);
  expect((await readdir(location)).filter((it) => it.startsWith('replaced-'))).toHaveLength(2);
});

test('what a copy cannot replace is refused before anything is copied, with what to do', async () => {
  one = await playground.createPrimary('pg1');
  const { dataDirectory } = one.postgres;
  await expect(findBackupPlaces('/proc', 'x', [])).rejects.toThrow(
    'cannot take a base backup: the data directory is a mount point, /proc, and nothing can take its place',
  );
  const tablespace = { oid: '16400', name: 'fast', location: '/nowhere/fast' };
  await expect(findBackupPlaces(dataDirectory, 'x', [tablespace])).rejects.toThrow(
    'tablespace fast needs the directory /nowhere/fast: make it, or mount its disk',
  );
  const inside = { ...tablespace, location: join(dataDirectory, 'fast') };
  await expect(findBackupPlaces(dataDirectory, 'x', [inside])).rejects.toThrow(
    'lies inside the data directory',
  );
  await stopServer(one, 'fast');
  await rename(join(dataDirectory, 'pg_wal'), join(dataDirectory, 'own_wal'));
  await symlink('/proc', join(dataDirectory, 'pg_wal'));
  await expect(findBackupPlaces(dataDirectory, 'x', [])).rejects.toThrow(
    'the directory of the WAL is a mount point',
  );
});
