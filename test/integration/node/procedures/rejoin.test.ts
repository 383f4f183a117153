/** Splits a real pair, fences one side, accounts for it and rejoins it; each case makes its own split. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account } from '../../../../src/node/procedures/account.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { rejoin } from '../../../../src/node/procedures/rejoin.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';
import { expectFollowing, repairSplit } from '../../../support/split.ts';

let playground: Playground;
let one: TestServer;
let two: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text); create table probe (id serial)');
  two = await playground.createStandby('pg2', one);
});
afterEach(async () => {
  await playground.remove();
});

/** `clients` rows in a transaction each, `beats` heartbeats and `probes` ignored inserts. */
async function write(server: TestServer, clients: number, beats: number, probes: number): Promise<void> {
  const times = async (count: number, text: string): Promise<void> => {
    for (let done = 0; done < count; done += 1) await sql(server, text);
  };
  await times(clients, `insert into item (text) values ('${server.name}')`);
  await times(beats, 'update sr_delay set sr_date = now() where id = 1');
  await times(probes, 'insert into probe default values');
}

const repair = (loser: TestServer, survivor: TestServer): ReturnType<typeof repairSplit> =>
  repairSplit(playground.directory, loser, survivor);

test('a promoted standby is rewound to the old primary, and what it committed is counted exactly', async () => {
  await promoteServer(two);
  await sql(two, 'checkpoint');
  await write(one, 2, 1, 0);
  await write(two, 3, 4, 2);
  const { accounted, report } = await repair(two, one);
  expect(accounted).toMatchObject({
    loserTimeline: 2,
    survivorTimeline: 1,
    transactions: 9,
    clientTransactions: 3,
  });
  expect(await readdir(join(accounted.bundle, 'wal'))).toContain('00000002.history');
  expect(report.how).toBe('rewind');
  await expectFollowing(two, one);
});

test('an old primary is rewound to the promoted standby, which has not made a checkpoint yet', async () => {
  await write(one, 1, 1, 0);
  await promoteServer(two);
  await write(one, 2, 3, 1);
  await write(two, 1, 0, 0);
  const { accounted, report } = await repair(one, two);
  expect(accounted).toMatchObject({
    loserTimeline: 1,
    survivorTimeline: 2,
    transactions: 6,
    clientTransactions: 2,
  });
  expect(report.how).toBe('rewind');
  await expectFollowing(one, two);
});

test('a crashed old primary recovers alone before it is rewound', async () => {
  await promoteServer(two);
  await write(one, 2, 0, 0);
  await stopServer(one, 'immediate');
  const { accounted, report } = await repair(one, two);
  expect(accounted).toMatchObject({ transactions: 2, clientTransactions: 2 });
  expect(report.how).toBe('rewind');
  await expectFollowing(one, two);
});

test('a node stopped before its end-of-recovery checkpoint gets a base backup, and its directory is kept', async () => {
  // A checkpointer that is stopped keeps the checkpoint from happening, and fast and immediate stops from ending.
  const { dataDirectory } = two.postgres;
  const checkpointer = (await processesOf(dataDirectory)).find((it) => it.title.includes('checkpointer'));
  process.kill(checkpointer?.pid ?? Number.NaN, 'SIGSTOP');
  await promoteServer(two);
  await write(two, 2, 1, 0);
  const { accounted, report } = await repair(two, one);
  expect(accounted).toMatchObject({ loserTimeline: 2, transactions: 3, clientTransactions: 2 });
  expect(report.how).toBe('basebackup');
  expect((await readdir(two.socketDirectory)).some((it) => it.startsWith('data.replaced-r-1'))).toBe(true);
  await expectFollowing(two, one);
});

test('two nodes promoted at the same position to the same timeline are told apart by their WAL', async () => {
  const three = await playground.createStandby('pg3', one);
  await stopServer(one, 'fast');
  await promoteServer(two);
  await promoteServer(three);
  await write(two, 1, 0, 0);
  await write(three, 2, 1, 0);
  const context = await contextOf(playground.directory, three, [two, three]);
  const order = orderOf('r-1');
  await fence(context, { ...order, reason: 'dual-primary' });
  const accounted = await account(context, { ...order, survivor: nodeNamed(two) });
  expect(accounted).toMatchObject({
    loserTimeline: 2,
    survivorTimeline: 2,
    transactions: 3,
    clientTransactions: 2,
  });
  const report = await rejoin(context, {
    ...order,
    survivor: nodeNamed(two),
    accountDigest: accounted.digest,
  });
  expect(report.how).toBe('basebackup');
  await expectFollowing(three, two);
});

test('a node whose history is part of the survivor’s follows without a rewind', async () => {
  await write(one, 1, 1, 0);
  await stopServer(one, 'fast');
  await promoteServer(two);
  const { accounted, report } = await repair(one, two);
  expect(accounted).toMatchObject({ bytes: 0, transactions: 0, clientTransactions: 0 });
  expect(report.how).toBe('none');
  await expectFollowing(one, two);
});

test('the node keeps its own settings, and its password stands in no setting', async () => {
  await promoteServer(two);
  await write(two, 1, 0, 0);
  await sql(two, "alter system set work_mem = '7MB'");
  await repair(two, one);
  expect(await sql(two, 'show work_mem')).toEqual([{ work_mem: '7MB' }]);
  expect(await sql(two, 'show port')).toEqual([{ port: String(two.postgres.port) }]);
  const text = await readFile(join(two.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8');
  expect(text).toContain('passfile=');
  expect(text).not.toContain('secret');
});
