/** Splits a real pair in every way that a lost lease leaves behind, and lets the loser join again; each case makes its own split. */
import { readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { follow } from '../../../../src/node/start/follow.ts';
import { joinAsStandby } from '../../../../src/node/start/join.ts';
import type { JoinOutcome, JoinPolicy } from '../../../../src/node/start/joining.ts';
import { setMarker } from '../../../../src/node/start/lease-lost.ts';
import { verifyFollowing } from '../../../../src/node/procedures/rejoin/verify.ts';
import { withSurvivor } from '../../../../src/node/procedures/survivor-session.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { readFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import { takeNodeLock } from '../../../../src/world/files/node-lock.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

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

async function write(server: TestServer, clients: number): Promise<void> {
  for (let done = 0; done < clients; done += 1)
    await sql(server, `insert into item (text) values ('${server.name}')`);
  await sql(server, 'update sr_delay set sr_date = now() where id = 1');
}

async function joinTo(loser: TestServer, holder: TestServer, policy: JoinPolicy): Promise<JoinOutcome> {
  const context = await contextOf(playground.directory, loser, [one, two]);
  return joinAsStandby(context, nodeNamed(holder), { policy });
}

/** Ends all at once, as a loss of power does. */
async function crash(server: TestServer): Promise<void> {
  await killPostgres(server.postgres.dataDirectory, systemClock, 5);
}

/** Born standby: whoever starts it gets a standby without upstream. */
async function bornStandby(server: TestServer): Promise<void> {
  await writeFile(join(server.postgres.dataDirectory, 'standby.signal'), '');
}

async function caughtUp(loser: TestServer, survivor: TestServer): Promise<void> {
  const [row] = await sql<{ it: string }>(survivor, 'select pg_current_wal_lsn() as it');
  await expect
    .poll(() => sql(loser, 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as it', [row?.it]), {
      timeout: 10_000,
    })
    .toEqual([{ it: true }]);
}

async function expectFollowing(loser: TestServer, survivor: TestServer): Promise<void> {
  await sql(survivor, "insert into item (text) values ('after')");
  await caughtUp(loser, survivor);
  const rows = 'select id, text from item order by id';
  expect(await sql(loser, rows)).toEqual(await sql(survivor, rows));
  expect(await sql(loser, 'select pg_is_in_recovery() as it')).toEqual([{ it: true }]);
}

async function marker(server: TestServer): Promise<unknown> {
  return readFenceMarker(join(playground.directory, `${server.name}-state`, 'fence.json'));
}

test('S1: a dead primary whose WAL was rescued to its end starts as a standby, with nothing counted and nothing copied', async () => {
  await write(one, 2);
  await caughtUp(two, one);
  await crash(one);
  await promoteServer(two);
  await write(two, 1);
  expect(await joinTo(one, two, 'approve')).toMatchObject({ kind: 'following', how: 'start', account: null });
  await expectFollowing(one, two);
});

test('S2: a blind start that came up without upstream is pointed at the holder without a restart', async () => {
  await caughtUp(two, one);
  await crash(one);
  await promoteServer(two);
  await bornStandby(one);
  await startServer(one);
  const before = await postmasterPid(one);
  expect(await joinTo(one, two, 'approve')).toMatchObject({
    kind: 'following',
    how: 'reload',
    account: null,
  });
  expect(await postmasterPid(one)).toBe(before);
  await expectFollowing(one, two);
});

test('S2: a blind start with WAL that nobody else has is counted, kept and rewound where the policy is auto', async () => {
  await promoteServer(two);
  await write(one, 3);
  await crash(one);
  await write(two, 1);
  await bornStandby(one);
  await startServer(one);
  const outcome = await joinTo(one, two, 'auto');
  expect(outcome).toMatchObject({
    kind: 'following',
    how: 'rewind',
    account: { transactions: 4, clientTransactions: 3 },
  });
  expect(await readdir(join(outcome.account?.bundle ?? '', 'wal'))).not.toEqual([]);
  expect(await marker(one)).toEqual(known(null));
  await expectFollowing(one, two);
});

test('S3: a server fenced after the loss of its lease comes back without a person where only heartbeats are discarded', async () => {
  await promoteServer(two);
  await write(one, 0);
  await crash(one);
  await write(two, 1);
  const context = await contextOf(playground.directory, one, [one, two]);
  await setMarker(context, orderOf('r-1'), 'lease-lost', 'fenced');
  expect(await joinTo(one, two, 'approve')).toMatchObject({
    kind: 'following',
    how: 'rewind',
    account: { transactions: 1, clientTransactions: 0 },
  });
  expect(await marker(one)).toEqual(known(null));
  await expectFollowing(one, two);
});

test('what client transactions it would discard is kept, and the node waits fenced for a person', async () => {
  await promoteServer(two);
  await write(one, 2);
  await stopServer(one, 'fast');
  const outcome = await joinTo(one, two, 'approve');
  expect(outcome).toMatchObject({
    kind: 'refused',
    code: 'client-transactions',
    account: { clientTransactions: 2 },
  });
  expect(await marker(one)).toMatchObject({ value: { state: 'fenced', reason: 'client-transactions' } });
  expect(await processesOf(one.postgres.dataDirectory)).toEqual([]);
  expect(await joinTo(one, two, 'auto')).toMatchObject({ kind: 'refused', code: 'fenced' });
});

test('S4: a promotion that the guard aborted leaves a timeline behind, and the node follows again all the same', async () => {
  const aborted = join(two.postgres.dataDirectory, '..', 'aborted');
  const command = `touch "${two.postgres.dataDirectory}/standby.signal"; touch ${aborted}; kill -9 $PPID; kill -9 $$`;
  await sql(two, `alter system set recovery_end_command = '${command}'`);
  await sql(two, 'alter system set restart_after_crash = off');
  await sql(two, 'select pg_reload_conf()');
  await expect(promoteServer(two)).rejects.toThrow('cannot promote');
  await expect.poll(() => processesOf(two.postgres.dataDirectory), { timeout: 10_000 }).toEqual([]);
  expect(await readdir(join(two.postgres.dataDirectory, 'pg_wal'))).toContain('00000002.history');
  await write(one, 1);
  const outcome = await joinTo(two, one, 'approve');
  expect(outcome).toMatchObject({ kind: 'following', account: { transactions: 0 } });
  const conf = await readFile(join(two.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8');
  expect(conf).toContain('recovery_end_command');
  await expectFollowing(two, one);
});

test('a standby that asks elsewhere is pointed at the holder, and one that already follows is left alone', async () => {
  const three = await playground.createStandby('pg3', one);
  await caughtUp(two, one);
  await caughtUp(three, one);
  await crash(one);
  await promoteServer(two);
  const context = await contextOf(playground.directory, three, [one, two, three]);
  expect(await follow(context, nodeNamed(two))).toEqual({ kind: 'following', how: 'reload' });
  expect(await follow(context, nodeNamed(two))).toEqual({ kind: 'following', how: 'already' });
  await expectFollowing(three, two);
});

test('a standby on a foreign branch of the same number is not pointed at the holder', async () => {
  const three = await playground.createStandby('pg3', one);
  await stopServer(one, 'fast');
  await promoteServer(two);
  await promoteServer(three);
  await write(two, 1);
  await write(three, 2);
  await crash(three);
  await bornStandby(three);
  await sql(two, 'checkpoint');
  const config = join(three.postgres.dataDirectory, 'postgresql.auto.conf');
  await writeFile(config, `${await readFile(config, 'utf8')}\nprimary_conninfo = ''\n`);
  await startServer(three);
  const context = await contextOf(playground.directory, three, [two, three]);
  expect(await follow(context, nodeNamed(two))).toMatchObject({ kind: 'join-needed' });
  expect(await joinAsStandby(context, nodeNamed(two), { policy: 'auto' })).toMatchObject({
    kind: 'following',
    how: 'basebackup',
    account: { clientTransactions: 2 },
  });
  await expectFollowing(three, two);
});

test('nothing is begun where the policy only observes, somebody else fenced the node, another procedure runs, or the holder is no primary', async () => {
  const context = await contextOf(playground.directory, two, [one, two]);
  const holder = nodeNamed(one);
  expect(await joinTo(two, one, 'observe')).toMatchObject({ kind: 'refused', code: 'policy-observes' });
  const lock = takeNodeLock(context.paths.nodeLock, 'rejoin');
  expect(await joinTo(two, one, 'auto')).toMatchObject({ kind: 'refused', code: 'locked' });
  lock.release();
  await setMarker(context, orderOf('r-1'), 'operator', 'fenced');
  expect(await joinTo(two, one, 'auto')).toMatchObject({ kind: 'refused', code: 'fenced' });
  await rm(context.paths.fenceMarker);
  await stopServer(one, 'fast');
  expect(await joinAsStandby(context, holder, { policy: 'auto' })).toMatchObject({
    kind: 'refused',
    code: 'holder-not-writable',
  });
});

test('a server that ends while it is verified is not waited for', async () => {
  const context = await contextOf(playground.directory, two, [one, two]);
  const verified = withSurvivor(context, nodeNamed(one), async (survivor) => {
    await crash(two);
    return verifyFollowing(context, survivor);
  });
  await expect(verified).rejects.toThrow('cannot verify pg2: its server has ended');
});
