/** A fork with every kind of change on both sides: each difference between the two is in the bundle or named, and can be put back. */
import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccountContent } from '../../../../src/core/model/account-content.ts';
import type { DivergenceAccount } from '../../../../src/core/model/account.ts';
import type { SalvagedRow } from '../../../../src/core/salvage/salvaged-row.ts';
import { account } from '../../../../src/node/procedures/account.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { readBundleManifest, type BundleManifest } from '../../../../src/world/files/salvage-bundle.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

const execute = promisify(execFile);
let playground: Playground;
let one: TestServer;
let two: TestServer;
let accounted: DivergenceAccount;
let manifest: BundleManifest;
let content: AccountContent;
let rows: readonly SalvagedRow[];
/** The discarded side before it was fenced, as text. */
let discarded: ReadonlyMap<string, ReadonlyMap<string, string>>;

const TABLES = ['public.item', 'public.child', 'public.parts_1', 'public.parts_2', '"Odd Schema"."T ""x"""'];

const BEFORE = `
  create table item (id int primary key, text text, doubled int generated always as (id * 2) stored);
  insert into item (id, text) select n, 'before ' || n from generate_series(1, 40) n;
  create table child (id int primary key, item int references item);
  create table loose (a int, b text);
  insert into loose values (1, 'same'), (1, 'same'), (2, 'x'), (3, 'gone');
  create table parts (id int, k int, v text, primary key (id, k)) partition by range (k);
  create table parts_1 partition of parts for values from (0) to (10);
  create table parts_2 partition of parts for values from (10) to (20);
  insert into parts select n, n % 20, 'p' from generate_series(1, 40) n;
  create table big (id int primary key, payload text, n int);
  create table emptied (id int primary key); insert into emptied select generate_series(1, 5);
  create table rewritten (id int primary key, n int); insert into rewritten select n, n from generate_series(1, 20) n;
  create table untouched (id int primary key, filler text);
  insert into untouched select n, repeat('u', 500) from generate_series(1, 4000) n;
  create table audit (what text);
  create function note() returns trigger language plpgsql as $$ begin insert into public.audit values (tg_op || new.id); return new; end $$;
  create trigger noted after insert on item for each row execute function note();
  create sequence numbers; select nextval('numbers');
  create schema "Odd Schema";
  create table "Odd Schema"."T ""x""" ("Key" uuid primary key, "select" numeric(20, 4)[], j jsonb, b bytea, t timestamptz, i interval, bits bit(3), c char(5));
  create unlogged table fleeting (id int);`;

const AFTER = `
  insert into item (id, text) values (101, 'new'), (102, E'tab\\tline\\nback\\\\slash ''quote'' ü');
  begin; insert into item (id, text) values (103, 'outer'); savepoint a; insert into item (id, text) values (104, 'undone'); rollback to a;
    savepoint b; insert into item (id, text) values (105, 'inner'); release b; commit;
  begin; insert into item (id, text) values (106, 'never'); rollback;
  update item set text = 'changed once' where id = 1; update item set text = 'changed twice' where id = 1;
  update item set id = 202 where id = 2;
  delete from item where id in (3, 4);
  update item set text = 'soon gone' where id = 5; delete from item where id = 5;
  insert into item (id, text) values (107, 'brief'); delete from item where id = 107;
  insert into item (id, text) values (101, 'no') on conflict (id) do nothing;
  insert into item (id, text) values (6, 'no') on conflict (id) do update set text = 'upserted';
  begin; select * from item where id = 7 for update; commit;
  insert into child values (1, 101), (2, 8);
  insert into loose values (9, null), (1, 'same'); delete from loose where a = 3; update loose set b = 'y' where a = 2;
  update parts set v = 'q' where id = 1; update parts set k = 15 where id = 5; insert into parts values (99, 12, 'new');
  insert into big values (1, repeat(md5('1'), 32768), 1);
  truncate emptied; insert into emptied values (77);
  alter table rewritten alter n type bigint; insert into rewritten values (100, 100);
  create table made (id int primary key, v text); insert into made values (1, 'made');
  drop table if exists nothing_there;
  select nextval('numbers') from generate_series(1, 50);
  insert into "Odd Schema"."T ""x""" values ('00000000-0000-0000-0000-000000000001', '{1.5,NULL}', '{"a": "\\\\u00e9"}', '\\x00ff', '2026-01-02 03:04:05.678+02', '1 day 02:03', '101', 'ab');
  insert into fleeting values (1);
  vacuum item;`;

async function psql(server: TestServer, text: string, database = 'postgres'): Promise<void> {
  const child = execute('runuser', [
    ...['-u', 'postgres', '--', 'psql', '-Xq', '-v', 'ON_ERROR_STOP=1', '-h', server.socketDirectory],
    ...['-p', String(server.postgres.port), '-d', database],
  ]);
  child.child.stdin?.end(text);
  await child;
}

async function textOf(server: TestServer, table: string): Promise<ReadonlyMap<string, string>> {
  const found = await sql<{ id: string; row: string }>(
    server,
    `select ctid::text as id, t::text as row from only ${table} t`,
  );
  return new Map(found.map((it) => [it.id, it.row]));
}

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1', ['max_prepared_transactions = 5']);
  await psql(one, `${BEFORE}\ncreate database other;`);
  await psql(one, 'create table far (id serial primary key, v text);', 'other');
  await psql(one, 'checkpoint');
  two = await playground.createStandby('pg2', one);
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
  discarded = new Map(await Promise.all(TABLES.map(async (it) => [it, await textOf(one, it)] as const)));
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

test('debug', async () => {
  console.log(JSON.stringify(content, null, 1));
  console.log(rows.map((r) => JSON.stringify(r).slice(0, 300)).join('\n'));
  console.log(
    await readFile(join(accounted.bundle, 'account.md'), 'utf8'),
    Object.keys(manifest.sums),
    discarded.size,
    (await stat(accounted.bundle)).mode.toString(8),
  );
  const out = await execute('cp', ['-r', accounted.bundle, '/tmp/salv/bundle']);
  console.log(out.stderr);
});
