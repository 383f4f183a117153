/**
 * Goal: a join that dies at any moment and is asked for again ends the same. Method: the first dies at its first journal entry, the next some
 * entries later, and so on, each going on from what the one before left, until one reaches the end. What account and rejoin write is
 * interrupted entry by entry in procedures/interrupted.test.ts.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { listBundles } from '../../../../src/world/files/bundle-list.ts';
import { readFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import type { JoinTask } from '../../../support/join-child.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const CHILD = join(import.meta.dirname, '../../../support/join-child.ts');
const LIMIT_MILLIS = 300_000;
/** More than a join can write. */
const MOST_ENTRIES = 100;
const STRIDE = 4;

let playground: Playground;
let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  two = await playground.createStandby('pg2', one);
}, LIMIT_MILLIS);
afterAll(async () => {
  await playground.remove();
});

interface Ended {
  readonly signal: string | null;
  readonly output: string;
  readonly errors: string;
}

function run(task: JoinTask): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CHILD, JSON.stringify(task)], (error, output, errors) => {
      resolve({ signal: error?.signal ?? null, output, errors });
    });
  });
}

test(
  'killed again and again on its way, the old primary ends as a standby, with what it alone had in a bundle',
  { timeout: LIMIT_MILLIS },
  async () => {
    await promoteServer(two);
    await sql(one, "insert into item (text) values ('lost')");
    await killPostgres(one.postgres.dataDirectory, systemClock, 5);
    await sql(two, "insert into item (text) values ('kept')");
    const task = { directory: playground.directory, own: one, servers: [one, two], holder: two };
    let last: Ended = { signal: 'SIGKILL', output: '', errors: '' };
    let deaths = 0;
    for (let dieAt = 1; last.signal === 'SIGKILL' && dieAt <= MOST_ENTRIES; dieAt += STRIDE) {
      last = await run({ ...task, dieAt });
      if (last.signal === 'SIGKILL') deaths += 1;
    }
    expect(last.errors).toBe('');
    expect(JSON.parse(last.output)).toMatchObject({ kind: 'following' });
    expect(deaths).toBeGreaterThan(3);
    const state = join(playground.directory, 'pg1-state');
    expect(await readFenceMarker(join(state, 'fence.json'))).toEqual(known(null));
    const bundles = await listBundles(join(state, 'salvage'));
    // What a killed account left unfinished is gone, and what was lost is in one that is whole.
    expect(bundles.map((it) => it.manifest === null)).not.toContain(true);
    expect(bundles.map((it) => it.manifest?.account.clientTransactions)).toContain(1);
    await sql(two, "insert into item (text) values ('after')");
    await expect
      .poll(() => sql(one, 'select text from item order by id'), { timeout: 10_000 })
      .toEqual([{ text: 'kept' }, { text: 'after' }]);
  },
);
