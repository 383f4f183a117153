/**
 * Goal: a procedure killed at any moment and called again ends the same. Method: the first call dies at its first journal entry, the second at
 * its second, and so on over fence, account and rejoin, each going on from what the one before left, until one reaches the end.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { readFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import type { ChildTask } from '../../../support/procedure-child.ts';

const CHILD = join(import.meta.dirname, '../../../support/procedure-child.ts');
const LIMIT_MILLIS = 600_000;
/** More entries than fence, account and rejoin can write. */
const MOST_RUNS = 80;

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

function run(task: ChildTask): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [CHILD, JSON.stringify(task)], (error, output, errors) => {
      resolve({ signal: error?.signal ?? null, output, errors });
    });
  });
}

test(
  'killed once at every journal entry, the node ends as a verified standby with its rows in the bundle',
  { timeout: LIMIT_MILLIS },
  async () => {
    await promoteServer(two);
    await sql(two, 'checkpoint');
    await sql(two, "insert into item (text) values ('lost')");
    await sql(one, "insert into item (text) values ('kept')");
    const task = {
      directory: playground.directory,
      own: two,
      servers: [one, two],
      survivor: one,
      fenceOnly: false,
    };
    let deaths = 0;
    let last: Ended = { signal: 'SIGKILL', output: '', errors: '' };
    for (let dieAt = 1; last.signal === 'SIGKILL' && dieAt <= MOST_RUNS; dieAt += 1) {
      last = await run({ ...task, dieAt });
      if (last.signal === 'SIGKILL') deaths += 1;
    }
    expect(last.errors).toBe('');
    expect(JSON.parse(last.output)).toHaveProperty('how');
    expect(deaths).toBeGreaterThan(15);
    const state = join(playground.directory, 'pg2-state');
    expect(await readFenceMarker(join(state, 'fence.json'))).toEqual(known(null));
    const bundle = JSON.parse(await readFile(join(state, 'salvage/r-1/account.json'), 'utf8')) as {
      account: { clientTransactions: number };
    };
    expect(bundle.account.clientTransactions).toBe(1);
    await sql(one, "insert into item (text) values ('after')");
    await expect
      .poll(() => sql(two, 'select text from item order by id'), { timeout: 10_000 })
      .toEqual([{ text: 'kept' }, { text: 'after' }]);
  },
);
