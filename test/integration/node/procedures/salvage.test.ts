/** A fork with every kind of change on both sides: each difference between the two is in the bundle or named, and can be put back. */
import { appendFile, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountContent } from '../../../../src/core/model/account-content.ts';
import type { DivergenceAccount } from '../../../../src/core/model/account.ts';
import type { SalvagedRow } from '../../../../src/core/salvage/salvaged-row.ts';
import { account } from '../../../../src/node/procedures/account.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { replayBundle, type ReplayReport } from '../../../../src/node/salvage/replay-bundle.ts';
import { readBundle } from '../../../../src/world/files/bundle-list.ts';
import { sumOf } from '../../../../src/world/files/hashed-file.ts';
import { readBundleManifest, type BundleManifest } from '../../../../src/world/files/salvage-bundle.ts';
import { AFTER, BEFORE, dump, dumpAll, psql, surplus, TABLES } from '../../../support/fork-ground.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

let playground: Playground;
let one: TestServer;
let two: TestServer;
let accounted: DivergenceAccount;
let manifest: BundleManifest;
let content: AccountContent;
let rows: readonly SalvagedRow[];
/** All rows at the fork, and of the discarded side before it was fenced. */
let common: ReadonlyMap<string, readonly string[]>;
let discarded: ReadonlyMap<string, readonly string[]>;

function textsOf(table: string, side: 'before' | 'after'): readonly string[] {
  return rows
    .filter((it) => it.relation === table && it[side] !== null)
    .map((it) => JSON.stringify(Object.values(it[side] ?? {})));
}

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1', ['max_prepared_transactions = 5', "timezone = 'UTC'"]);
  await psql(one, `${BEFORE}\ncreate database other;`);
  await psql(one, 'create table far (id serial primary key, v text);', 'other');
  await psql(one, 'checkpoint');
  two = await playground.createStandby('pg2', one);
  common = await dumpAll(one);
  await promoteServer(two);
  // Both sides write: some of the same rows, and the same new keys.
  await psql(
    two,
    "insert into item (id, text) values (101, 'of the survivor'), (300, 'only here'); update item set text = 'survivor' where id = 1; delete from item where id = 4;",
  );
  await psql(one, AFTER);
  await psql(
    one,
    "begin; insert into item (id, text) values (400, 'promised'); prepare transaction 'a \"gid\"';",
  );
  await psql(one, "insert into far (v) values ('elsewhere');", 'other');
  await psql(one, 'copy loose from stdin;\n7\tcopied\n8\tcopied\n\\.\n');
  discarded = await dumpAll(one);
  const context = await contextOf(playground.directory, one, [one, two]);
  const order = orderOf('r-1');
  await fence(context, { ...order, reason: 'dual-primary' });
  accounted = await account(context, { ...order, survivor: nodeNamed(two) });
  const read = await readBundleManifest(accounted.bundle);
  if (read?.content === null || read === null) throw new Error('no bundle');
  manifest = read;
  content = read.content;
  const lines = (await readFile(join(accounted.bundle, 'rows.jsonl'), 'utf8')).trim().split('\n');
  rows = lines.map((line) => JSON.parse(line) as SalvagedRow);
}, 120_000);
afterAll(async () => {
  await playground.remove();
});

test.each(TABLES)(
  'every difference of %s from the fork is a row of the bundle, or named by its place',
  (table) => {
    const [old, now] = [common.get(table) ?? [], discarded.get(table) ?? []];
    expect(textsOf(table, 'after').toSorted()).toEqual(surplus(now, old).toSorted());
    const gone = surplus(old, now);
    const kept = textsOf(table, 'before');
    expect(surplus(kept, gone)).toEqual([]);
    const named = rows.filter((it) => it.relation === table && it.action !== 'insert' && it.before === null);
    expect(named.every((it) => it.place !== null)).toBe(true);
    expect(gone.length).toBe(kept.length + named.length);
  },
);

test('an old version that neither side has any more is named by table, block and offset', () => {
  const missing = rows.filter((it) => it.missing !== undefined);
  expect(missing).toMatchObject([
    { relation: 'public.item', action: 'delete', before: null, after: null, place: { block: 0, offset: 4 } },
  ]);
});

test('a row counts once, as what it was at the fork and at the end; what was undone does not count', () => {
  const items = rows.filter((it) => it.relation === 'public.item');
  const inserted = items.filter((it) => it.action === 'insert').map((it) => it.after?.['id']);
  expect(inserted).toEqual(['101', '102', '103', '105']);
  expect(items.filter((it) => it.action === 'update')).toMatchObject([
    { before: null, after: { id: '1', text: 'changed twice' } },
    { before: { id: '2' }, after: { id: '202' } },
    { before: { text: 'before 6' }, after: { text: 'upserted' } },
  ]);
  expect(content.insertedAndDeleted).toBe(1);
});

test('the account names tables, partitions, databases, definitions, sequences and what no row holds', () => {
  const named = content.relations.map((it) => [it.database, it.name, it.inserts, it.updates, it.deletes]);
  expect(named).toContainEqual(['postgres', 'item', 5, 5, 4]);
  expect(named).toContainEqual(['postgres', 'loose', 4, 1, 1]);
  expect(named).toContainEqual(['other', 'far', 1, 0, 0]);
  const relation = (name: string) => content.relations.find((it) => it.name === name);
  expect(relation('parts_1')?.partitionOf).toBe('public.parts');
  expect(relation('big')).toMatchObject({ inserts: 1 });
  expect(relation('big')?.toast).toBeGreaterThan(0);
  expect([relation('untouched'), relation('sr_delay')]).toEqual([undefined, undefined]);
  const made = { change: 'created', type: 'table', identity: 'public.made' };
  expect(content.definitions).toContainEqual({ database: 'postgres', ...made });
  const rewritten = content.definitions.filter((it) => it.change === 'rewritten').map((it) => it.identity);
  expect(rewritten).toEqual(['public.emptied', 'public.rewritten']);
  const numbers = { schema: 'public', name: 'numbers', lastValue: '51' };
  expect(content.sequences).toContainEqual({ database: 'postgres', ...numbers });
  expect(content.prepared).toMatchObject([{ gid: 'a "gid"' }]);
  expect(content.notRecovered.join('\n')).toMatch(/fleeting[^]*prepared transaction/);
});

test('a value of 1 MB is whole', () => {
  const [big] = rows.filter((it) => it.relation === 'public.big');
  expect(big?.after?.['payload']?.length).toBe(1_048_576);
});

test('the bundle is root’s alone, and each file has the sum that its manifest says', async () => {
  expect((await stat(accounted.bundle)).mode & 0o777).toBe(0o700);
  const names = Object.keys(manifest.sums);
  expect(names).toContain('account.md');
  expect(names).toContain('definitions/postgres.sql');
  for (const name of names) expect(await sumOf(join(accounted.bundle, name))).toEqual(manifest.sums[name]);
});

test('asked again, the account is the same and the bundle is not made again', async () => {
  const before = (await stat(join(accounted.bundle, 'rows.jsonl'))).mtimeMs;
  const context = await contextOf(playground.directory, one, [one, two]);
  const again = await account(context, { ...orderOf('r-1'), survivor: nodeNamed(two) });
  expect(again).toEqual(accounted);
  expect((await stat(join(accounted.bundle, 'rows.jsonl'))).mtimeMs).toBe(before);
});

async function replay(dryRun: boolean): Promise<ReplayReport> {
  const conninfo = `host=${two.socketDirectory} port=${two.postgres.port} user=postgres`;
  const target = { name: 'pg2', psql: 'psql', prefix: [], conninfo };
  const options = { dryRun, by: 'tester', at: new Date(), timeoutMs: 60_000 };
  return replayBundle(await readBundle(accounted.bundle), target, options);
}

const SUMS = `select (select array_agg(i::text order by id) from item i) as items, (select array_agg(l::text order by l::text) from loose l) as loose,
  (select array_agg(p::text order by id) from parts p) as parts, (select count(*)::int from audit) as audits, (select sum(length(payload))::int from big) as big,
  (select last_value::int from numbers) as number, (select count(*)::int from rewritten) as rewritten`;

test('a dry run tells what would happen and changes nothing', async () => {
  const before = await sql(two, SUMS);
  const report = await replay(true);
  expect(report.databases.map((it) => it.alreadyReplayed)).toEqual([false, false]);
  expect(await sql(two, SUMS)).toEqual(before);
  expect((await readBundle(accounted.bundle)).replayed).toBeNull();
});

test('a replay puts back what does not conflict, lists what does, and a second one changes nothing', async () => {
  const report = await replay(false);
  const conflicts = report.conflicts.map((it) => [
    it.relation,
    it.action,
    (it.after ?? it.before)?.['id'],
    it.why,
  ]);
  expect(conflicts).toEqual([
    ['public.item', 'insert', '101', 'another row with this key is there'],
    ['public.item', 'update', '1', 'the row was changed on the survivor'],
    ['public.made', 'insert', '1', 'the table is not there'],
  ]);
  const items = await sql<{ id: number; text: string }>(two, 'select id, text from item order by id');
  const ids = items.map((it) => it.id);
  expect(ids).toEqual([
    1,
    ...Array.from({ length: 35 }, (_, index) => index + 6),
    101,
    102,
    103,
    105,
    202,
    300,
  ]);
  expect(items.find((it) => it.id === 6)?.text).toBe('upserted');
  expect(items.find((it) => it.id === 102)?.text).toBe("tab\tline\nback\\slash 'quote' ü");
  expect(await dump(two, 'loose')).toHaveLength(7);
  expect(surplus(discarded.get('public.loose') ?? [], await dump(two, 'loose'))).toEqual([]);
  expect(await sql(two, 'select count(*)::int as n, max(length(payload)) as length from big')).toEqual([
    { n: 1, length: 1_048_576 },
  ]);
  // Users' triggers did not fire again, and are on again.
  expect(await sql(two, 'select count(*)::int as n from audit')).toEqual([{ n: 7 }]);
  expect(await sql(two, "select tgenabled from pg_trigger where tgname = 'noted'")).toEqual([
    { tgenabled: 'O' },
  ]);
  expect((await readBundle(accounted.bundle)).replayed).toMatchObject({ by: 'tester', into: 'pg2' });
  const after = await sql(two, SUMS);
  const again = await replay(false);
  expect(again.databases.every((it) => it.alreadyReplayed)).toBe(true);
  expect(await sql(two, SUMS)).toEqual(after);
});

test('a file that was changed is found before anything is replayed', async () => {
  await appendFile(join(accounted.bundle, 'replay/other.sql'), '-- one more line\n');
  await expect(replay(false)).rejects.toThrow(
    /cannot use bundle r-1: it is damaged: replay\/other.sql has \d+ bytes/,
  );
});
