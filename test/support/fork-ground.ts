/** What a fork is tried with: every kind of change in SQL, and ways to compare whole tables. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { sql, type TestServer } from './postgres-cluster.ts';

const execute = promisify(execFile);

/** Tables whose every difference is compared; the file of `rewritten` and `emptied` is replaced, and with it every row. */
export const TABLES: readonly string[] = [
  ...['item', 'child', 'loose', 'parts_1', 'parts_2', 'big', 'untouched', 'audit'].map(
    (it) => `public.${it}`,
  ),
  '"Odd Schema"."T ""x"""',
];

/** Run before the fork. */
export const BEFORE: string = `
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

/** Run on the discarded side after it. */
export const AFTER: string = `
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

/** Runs a script as psql does, `copy` and several transactions included. */
export async function psql(server: TestServer, text: string, database = 'postgres'): Promise<void> {
  const place = `-h ${server.socketDirectory} -p ${server.postgres.port} -d ${database}`;
  const child = execute('runuser', `-u postgres -- psql -Xq -v ON_ERROR_STOP=1 ${place}`.split(' '));
  child.child.stdin?.end(text);
  await child;
}

/** Every row of a table as the texts of its columns. */
export async function dump(server: TestServer, table: string): Promise<readonly string[]> {
  const columns = await sql<{ it: string }>(
    server,
    `select string_agg(format('%I::text', attname), ', ' order by attnum) as it from pg_attribute
      where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [table],
  );
  const text = `select to_json(array[${columns[0]?.it}])::text as row from only ${table}`;
  const found = await sql<{ row: string }>(server, text);
  return found.map((it) => JSON.stringify(JSON.parse(it.row)));
}

/** All tables, by name. */
export async function dumpAll(server: TestServer): Promise<ReadonlyMap<string, readonly string[]>> {
  const all = new Map<string, readonly string[]>();
  for (const table of TABLES) all.set(table, await dump(server, table));
  return all;
}

/** What is in `many` more often than in `other`. */
export function surplus(many: readonly string[], other: readonly string[]): readonly string[] {
  const left = [...other];
  return many.filter((it) => {
    const index = left.indexOf(it);
    if (index !== -1) left.splice(index, 1);
    return index === -1;
  });
}
