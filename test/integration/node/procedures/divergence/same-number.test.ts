/** Two servers that count the same timeline and have different histories, facts.md "Two clusters with the same TLI 2"; promotions at one position are in rejoin.test.ts. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { joinAsStandby } from '../../../../../src/node/start/join.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed } from '../../../../support/procedure-context.ts';
import { expectFollowing, repairSplit } from '../../../../support/split.ts';

let playground: Playground;
let one: TestServer;
let two: TestServer;
let three: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  two = await playground.createStandby('pg2', one);
  three = await playground.createStandby('pg3', one);
});
afterEach(async () => {
  await playground.remove();
});

const insert = (server: TestServer): Promise<unknown> =>
  sql(server, `insert into item (text) values ('${server.name}')`);

/** Both are writable on timeline 2 and have written a checkpoint there: pg_rewind would say "no rewind required". */
async function promoteBoth(): Promise<void> {
  for (const server of [two, three]) {
    await promoteServer(server);
    await sql(server, 'checkpoint');
  }
}

test('begun at different positions: they part at the earlier one, and pg_rewind is not asked', async () => {
  await promoteServer(two);
  await insert(one);
  await expect.poll(() => sql(three, 'select text from item'), { timeout: 10_000 }).toHaveLength(1);
  await stopServer(one, 'fast');
  await promoteServer(three);
  for (const server of [two, three]) await sql(server, 'checkpoint');
  await insert(two);
  await insert(three);
  const { accounted, report } = await repairSplit(playground.directory, three, two);
  expect(accounted).toMatchObject({ loserTimeline: 2, survivorTimeline: 2, clientTransactions: 2 });
  expect(report.how).toBe('basebackup');
  await expectFollowing(three, two);
});

test('a fork that streams from the other is refused: its own WAL was overwritten, so nobody can count its rows', async () => {
  await stopServer(one, 'fast');
  await promoteBoth();
  await sql(three, 'create table own (id int)');
  await stopServer(three, 'fast');
  // More WAL than the other has, so that its files look like ours from the fork to their end.
  await sql(two, "insert into item (text) select repeat('x', 500) from generate_series(1, 2000)");
  const { dataDirectory } = three.postgres;
  await writeFile(join(dataDirectory, 'standby.signal'), '');
  const conninfo = `host=${two.socketDirectory} port=${two.postgres.port} user=postgres`;
  await writeFile(join(dataDirectory, 'postgresql.auto.conf'), `primary_conninfo = '${conninfo}'\n`);
  await startServer(three);
  // It says so before it finds that the records do not fit; by then its own files have the other's bytes.
  await expect
    .poll(() => readFile(`${dataDirectory}.log`, 'utf8'), { timeout: 20_000 })
    .toContain('started streaming WAL');
  const context = await contextOf(playground.directory, three, [two, three]);
  // While it still replays, the agent is told to ask again.
  await expect
    .poll(() => joinAsStandby(context, nodeNamed(two), { policy: 'auto' }), { timeout: 30_000 })
    .toMatchObject({
      kind: 'refused',
      code: 'not-accountable',
      reason: expect.stringContaining("another server's WAL was written over it") as string,
    });
});
