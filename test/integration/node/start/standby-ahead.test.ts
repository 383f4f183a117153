/** Standbys that have replayed more than the one that was promoted: what only they have is counted and kept before they are rewound. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { SalvagedRow } from '../../../../src/core/salvage/salvaged-row.ts';
import { joinAsStandby } from '../../../../src/node/start/join.ts';
import type { JoinOutcome, JoinPolicy } from '../../../../src/node/start/joining.ts';
import { pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed } from '../../../support/procedure-context.ts';
import { expectFollowing } from '../../../support/split.ts';

const LIMIT_MS = 120_000;
const AHEAD = 3;
const TEXTS = 'select text from item order by id';

let playground: Playground;
/** The primary that dies, the standby that is promoted, one that is ahead of it, and one that streams from that one. */
let one: TestServer;
let two: TestServer;
let ahead: TestServer;
let cascading: TestServer;

async function untilRows(server: TestServer, query: string, count: number): Promise<void> {
  const seen = await pollUntil(systemClock, 20_000, 100, async () =>
    (await sql(server, query)).length === count ? true : undefined,
  );
  if (seen === undefined) throw new Error(`${server.name} does not come to ${count} rows of: ${query}`);
}

beforeEach(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(
    one,
    "create table item (id serial primary key, text text); insert into item (text) values ('common')",
  );
  two = await playground.createStandby('pg2', one);
  ahead = await playground.createStandby('pg3', one);
  cascading = await playground.createStandby('pg4', ahead);
  await untilRows(two, TEXTS, 1);
  await sql(two, "alter system set primary_conninfo = ''");
  await sql(two, 'select pg_reload_conf()');
  await untilRows(two, 'select pid from pg_stat_wal_receiver', 0);
  for (let row = 1; row <= AHEAD; row += 1) await sql(one, `insert into item (text) values ('ahead ${row}')`);
  for (const server of [ahead, cascading]) await untilRows(server, TEXTS, 1 + AHEAD);
  await killPostgres(one.postgres.dataDirectory, systemClock, 5);
  await promoteServer(two);
  await sql(two, "insert into item (text) values ('of the new primary')");
}, LIMIT_MS);
afterEach(async () => {
  await playground.remove();
});

async function joinTwo(server: TestServer, policy: JoinPolicy): Promise<JoinOutcome> {
  const context = await contextOf(playground.directory, server, [two, ahead, cascading]);
  return joinAsStandby(context, nodeNamed(two), { policy });
}

async function keptRows(outcome: JoinOutcome): Promise<readonly unknown[]> {
  const text = await readFile(join(outcome.account?.bundle ?? '', 'rows.jsonl'), 'utf8');
  const rows = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as SalvagedRow);
  return rows.map((it) => [it.action, it.after?.['text']]);
}

const KEPT = Array.from({ length: AHEAD }, (_, index) => ['insert', `ahead ${index + 1}`]);
const REWOUND = {
  kind: 'following',
  how: 'rewind',
  account: { loserTimeline: 1, survivorTimeline: 2, clientTransactions: AHEAD },
};

test(
  'a standby ahead of the fork is counted and its rows are kept before it is rewound, and so is one that cascades from it',
  async () => {
    for (const server of [ahead, cascading]) {
      const outcome = await joinTwo(server, 'auto');
      expect(outcome).toMatchObject(REWOUND);
      expect(await keptRows(outcome)).toEqual(KEPT);
      await expectFollowing(server, two);
    }
  },
  LIMIT_MS,
);

test(
  'where a person has to decide, neither is changed: its rows are kept, and it waits fenced',
  async () => {
    for (const server of [cascading, ahead]) {
      const outcome = await joinTwo(server, 'approve');
      expect(outcome).toMatchObject({ kind: 'refused', code: 'client-transactions' });
      expect(await keptRows(outcome)).toEqual(KEPT);
    }
  },
  LIMIT_MS,
);
