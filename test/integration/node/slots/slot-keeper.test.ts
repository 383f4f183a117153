/** Slots of a real pair over a failover: lost logical slots are named with their position, leftovers go, and what is the user's stays. */
import { readFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHandOverSession } from '../../../../src/node/hand-over/context.ts';
import { serverOf } from '../../../../src/node/peer-look.ts';
import type { PeerView } from '../../../../src/node/peer-probe.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { SlotKeeper } from '../../../../src/node/slots/slot-keeper.ts';
import { follow } from '../../../../src/node/start/follow.ts';
import { joinAsStandby } from '../../../../src/node/start/join.ts';
import { createSampler } from '../../../../src/world/postgres/sample.ts';
import type { PostgresSample } from '../../../../src/world/postgres/sample-row.ts';
import type { PostgresSession } from '../../../../src/world/postgres/session.ts';
import { eventually } from '../../../support/guard-ground.ts';
import {
  createPlayground,
  promoteServer,
  ROLE_PASSWORD,
  sql,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed } from '../../../support/procedure-context.ts';
import { silent } from '../../../support/silent-log.ts';

interface Part {
  readonly server: TestServer;
  readonly context: ProcedureContext;
  readonly session: PostgresSession;
}

const NOTHING: PeerView = { look: null, answered: null, asPrimary: null };

let playground: Playground;
let one: Part;
let two: Part;
/** What the nodes' agents last saw of the other one, as a peer probe keeps it. */
let views: Map<string, PeerView>;

const partOf = async (server: TestServer, servers: readonly TestServer[]): Promise<Part> => {
  const context = await contextOf(playground.directory, server, servers);
  return { server, context, session: createHandOverSession(context.cluster, context.local) };
};
/** As an agent has it that was started just now. */
const keeperOf = ({ context, session }: Part): Promise<SlotKeeper> =>
  SlotKeeper.load({
    context,
    path: context.paths.slots,
    session,
    probe: { of: (name) => views.get(name) ?? NOTHING },
    log: silent,
  });
const sampleOf = async ({ session }: Part): Promise<PostgresSample> => {
  const outcome = await createSampler(session).sample(5_000);
  if (outcome.kind === 'failed') throw new Error(outcome.failure.detail);
  return outcome.sample;
};
/** As a peer probe looks. */
const see = async (part: Part): Promise<void> => {
  const answered = serverOf(await sampleOf(part), 0);
  const asPrimary = answered.role === 'primary' ? answered : (views.get(part.server.name)?.asPrimary ?? null);
  views.set(part.server.name, { look: null, answered, asPrimary });
};
const slotsOn = async ({ server }: Part): Promise<readonly string[]> =>
  (await sql<{ it: string }>(server, 'select slot_name as it from pg_replication_slots order by 1')).map(
    (row) => row.it,
  );

beforeEach(async () => {
  playground = await createPlayground();
  const first = await playground.createPrimary('pg1', ['wal_level = logical']);
  await sql(
    first,
    "select pg_create_physical_replication_slot(it, true) from unnest('{two,backup}'::text[]) it",
  );
  await sql(first, "select pg_create_logical_replication_slot('orders', 'test_decoding')");
  const second = await playground.createStandby('pg2', first);
  one = await partOf(first, [first, second]);
  two = await partOf(second, [first, second]);
  // By TCP, as between hosts, and through a slot, as many people have it.
  const password = ROLE_PASSWORD.replaceAll('\\', String.raw`\\`);
  const conninfo = `host=127.0.0.1 port=${first.postgres.port} user=primacy password='${password}'`;
  await sql(second, `alter system set primary_conninfo = '${conninfo.replaceAll("'", "''")}'`);
  await sql(second, "alter system set primary_slot_name = 'two'");
  await sql(second, 'select pg_reload_conf()');
  await eventually(async () =>
    (await sampleOf(one)).slots.some((it) => it.name === 'two' && it.active && it.usedBy === '127.0.0.1'),
  );
  views = new Map();
  await see(one);
  await see(two);
  await (await keeperOf(one)).keepOnPrimary(await sampleOf(one));
});
afterEach(async () => {
  await Promise.all([one.session.close(), two.session.close()]);
  await playground.remove();
});

test('a failover names the logical slot that is lost, and the old primary keeps only what is the user’s', async () => {
  const keeper = await keeperOf(two);
  await keeper.keepOnStandby(await sampleOf(two), nodeNamed(one.server));
  const [{ it: confirmed } = { it: '' }] = await sql<{ it: string }>(
    one.server,
    "select confirmed_flush_lsn::text as it from pg_replication_slots where slot_name = 'orders'",
  );
  await stopServer(one.server, 'fast');
  await promoteServer(two.server);
  expect(await keeper.promoted()).toEqual([
    `logical slot orders (test_decoding, database postgres) was on pg1 only, confirmed up to ${confirmed}`,
  ]);
  expect((await keeperOf(two)).lost).toMatchObject([{ name: 'orders', database: 'postgres', node: 'pg1' }]);

  const outcome = await joinAsStandby(one.context, nodeNamed(two.server), { policy: 'approve' });
  expect(outcome).toMatchObject({ kind: 'following', how: 'start' });
  expect(await slotsOn(one)).toEqual(['backup', 'orders', 'two']);
  await (await keeperOf(one)).keepOnStandby(await sampleOf(one), nodeNamed(two.server));
  expect(await slotsOn(one)).toEqual(['backup']);
  const journal = await readFile(one.context.paths.nodeJournal, 'utf8');
  expect(journal).toMatch(/drop-slot.*orders.*confirmedLsn.*pg2 is primary now/);
  // The one that the user makes there later is not ours, also on an agent that has just been started.
  await sql(one.server, "select pg_create_physical_replication_slot('two', true)");
  await (await keeperOf(one)).keepOnStandby(await sampleOf(one), nodeNamed(two.server));
  expect(await slotsOn(one)).toEqual(['backup', 'two']);
});

test('the loss is over once the slot is made again', async () => {
  const keeper = await keeperOf(two);
  await keeper.keepOnStandby(await sampleOf(two), nodeNamed(one.server));
  await stopServer(one.server, 'fast');
  await promoteServer(two.server);
  await keeper.promoted();
  await keeper.keepOnPrimary(await sampleOf(two));
  expect(keeper.lost).toHaveLength(1);
  await sql(two.server, "select pg_create_logical_replication_slot('orders', 'test_decoding')");
  await keeper.keepOnPrimary(await sampleOf(two));
  expect((await keeperOf(two)).lost).toEqual([]);
});

test('a primary that comes back by itself has lost nothing', async () => {
  const keeper = await keeperOf(one);
  await keeper.keepOnPrimary(await sampleOf(one));
  expect(await keeper.promoted()).toEqual([]);
});

test('the slot of a standby that Primacy pointed at the primary is dropped there, once it streams without it', async () => {
  const keeper = await keeperOf(one);
  await stopServer(two.server, 'fast');
  await keeper.keepOnPrimary(await sampleOf(one));
  expect(await slotsOn(one)).toContain('two');
  await joinAsStandby(two.context, nodeNamed(one.server), { policy: 'approve' });
  expect(await follow(two.context, nodeNamed(one.server))).toMatchObject({ how: 'already' });
  await see(two);
  await keeper.keepOnPrimary(await sampleOf(one));
  expect(await slotsOn(one)).toEqual(['backup', 'orders']);
});
