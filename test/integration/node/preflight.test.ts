/** The watch over rejoins against real servers: what it finds missing is missing, and two promotions are told apart. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathsBelow } from '../../../src/config/paths.ts';
import type { RejoinView } from '../../../src/metrics/rejoin-view.ts';
import { createPostgresLooker } from '../../../src/node/postgres-look.ts';
import { createRejoinWatch } from '../../../src/node/preflight/rejoin-watch.ts';
import { systemClock } from '../../../src/world/clock.ts';
import { localRunner } from '../../../src/world/remote/local-runner.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../support/postgres-cluster.ts';
import { contextOf } from '../../support/procedure-context.ts';

let playground: Playground;
let one: TestServer;
let two: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  two = await playground.createStandby('pg2', one);
});
afterAll(async () => {
  await playground.remove();
});

/** One whole look at that server by a watch of its own. All servers of the cluster have its port here, so the other is asked there. */
async function look(own: TestServer, other: TestServer): Promise<RejoinView> {
  const { cluster, node } = await contextOf(playground.directory, own, [own, other]);
  const looker = createPostgresLooker(cluster.postgres, cluster.heartbeat.database, cluster.timings);
  try {
    const seen = await looker.look();
    const paths = pathsBelow(join(playground.directory, `${own.name}-watch`), playground.directory);
    const watch = createRejoinWatch({
      cluster,
      node,
      paths,
      runner: localRunner,
      clock: systemClock,
      lastLook: () => seen,
    });
    await watch.step();
    return watch.last();
  } finally {
    await looker.close();
  }
}

const failing = (view: RejoinView): readonly string[] =>
  view.preflight.filter((it) => it.state !== 'pass').map((it) => `${it.check}: ${it.reason}`);

test('a pair that was set up passes every check, on the primary and on the standby', async () => {
  expect(failing(await look(one, two))).toEqual([]);
  expect(failing(await look(two, one))).toEqual([]);
});

test('a grant, a setting and a login that are missing are named', async () => {
  await sql(one, 'revoke execute on function pg_read_binary_file(text) from primacy');
  await sql(one, 'revoke pg_checkpoint from primacy');
  await sql(one, 'alter role primacy noreplication');
  await sql(one, "alter system set wal_keep_size = '0'");
  await sql(one, 'select pg_reload_conf()');
  await expect
    .poll(async () => failing(await look(one, two)), { timeout: 20_000 })
    .toEqual([
      'grants: the role lacks execute on pg_read_binary_file(text), role pg_checkpoint, attribute replication (primacy setup grants it)',
      expect.stringMatching(/^wal_kept: wal_keep_size is 0/),
      expect.stringMatching(/^replication_login: pg2: .*must be superuser or replication role/),
    ]);
});

test('a promoted server names the beginning of its timeline, a failure and a rejoin under way are seen', async () => {
  await promoteServer(two);
  await sql(two, 'checkpoint');
  const state = join(playground.directory, 'pg2-watch');
  await mkdir(state, { recursive: true });
  await writeFile(join(state, 'rejoin-failure.json'), JSON.stringify({ at: 5_000, reason: 'no room' }));
  await writeFile(join(state, 'rejoin.json'), JSON.stringify({ phase: 'rewound', startedAt: 4_000 }));
  const view = await look(two, one);
  expect(view.beginning).toEqual({ timeline: 2, hash: expect.stringMatching(/^[0-9a-f]{64}$/) as string });
  expect(view.failure).toEqual({ kind: 'known', value: { at: 5_000, reason: 'no room' } });
  expect(view.stage).toEqual({ kind: 'known', value: { phase: 'rewound', startedAt: 4_000 } });
  expect((await look(one, two)).beginning).toBeNull();
});
