/** What a fork under load is made of: the databases before it, pgbench's scripts, and the DDL that runs beside them on each side. */

/** A database, what is in it before the fork, and what pgbench runs in it; a rate bounds transactions a second. */
export interface LoadedDatabase {
  readonly name: string;
  readonly before: string;
  readonly runs: readonly LoadRun[];
}

export interface LoadRun {
  /** As pgbench takes them: `-b NAME@WEIGHT` or a script of our own with its weight. */
  readonly scripts: readonly { readonly text: string; readonly weight: number }[];
  readonly builtin: string | null;
  readonly clients: number;
  readonly rate: number | null;
}

export interface GroundSizes {
  /** pgbench's scale: 100,000 accounts each. */
  readonly scale: number;
  readonly untouchedMegabytes: number;
}

const MEGABYTE_VALUE = "(select string_agg(md5(random()::text), '') from generate_series(1, 32768) g)";

const ORDERS = `
  create table orders (id bigserial, region int not null, customer int, note text, primary key (id, region)) partition by list (region);
  create table orders_1 partition of orders for values in (1);
  create table orders_2 partition of orders for values in (2);
  create table orders_rest partition of orders default;
  create index on orders (customer);
  insert into orders (region, customer, note) select 1 + n % 4, n % 500, 'at first ' || n from generate_series(1, 20000) n;
  create table loose (a int, b text);
  insert into loose select n % 50, 'b' || n % 3 from generate_series(1, 3000) n;`;

const WRITE_ORDERS = [
  'insert into orders (region, customer, note) select 1 + (random() * 3)::int, :client_id, md5(random()::text);',
  String.raw`\set id random(1, 25000)
    update orders set note = md5(random()::text), customer = customer + 1 where id = :id;`,
  String.raw`\set id random(1, 25000)
    delete from orders where id = :id;`,
  String.raw`\set id random(1, 25000)
    update orders set region = 1 + (random() * 3)::int where id = :id;`,
  String.raw`\set a random(0, 49)
    begin;
    insert into loose values (:a, 'outer');
    savepoint one;
    update loose set b = 'undone' where a = :a;
    rollback to one;
    savepoint two;
    update loose set b = b || 'x' where ctid = (select ctid from loose where a = :a limit 1);
    release two;
    delete from loose where ctid = (select ctid from loose where a = :a order by random() limit 1);
    commit;`,
  String.raw`\set a random(0, 49)
    begin; insert into loose values (:a, 'never'); delete from loose where a = :a; rollback;`,
];

const WRITE_DOCUMENTS = [
  `insert into document (title, payload) values ('new', ${MEGABYTE_VALUE});`,
  String.raw`\set id random(1, 60)
    update document set n = n + 1 where id = :id;`,
  String.raw`\set id random(1, 60)
    update document set payload = ${MEGABYTE_VALUE} where id = :id;`,
  String.raw`\set id random(1, 60)
    delete from document where id = :id;`,
  String.raw`\set id random(1, 2000)
    insert into steady (id, n) values (:id, 0) on conflict (id) do update set n = steady.n + 1;`,
  String.raw`\set id random(1, 2000)
    delete from steady where id = :id;`,
  String.raw`\set id random(1, 200)
    update packed set n = n + 1 where id = :id;`,
  "select nextval('numbers');",
];

const WRITE_ODD = [
  String.raw`\set k random(1, 300)
    update "Odd Schema"."T ""x""" set "select" = "select" || :k, j = jsonb_build_object('k', :k) where n = :k;`,
  `insert into "Odd Schema"."T ""x""" ("Key", b, t, i, c) values (gen_random_uuid(), '\\x00ff', now(), '1 day 02:03', E'\\t\\\\"');`,
  String.raw`\set k random(1, 300)
    delete from "Odd Schema"."T ""x""" where n = :k;`,
];

function evenly(texts: readonly string[]): LoadRun['scripts'] {
  return texts.map((text) => ({ text, weight: 1 }));
}

/** `bank` also gets pgbench's own tables. */
export function groundOf({ untouchedMegabytes }: GroundSizes): readonly LoadedDatabase[] {
  return [
    {
      name: 'bank',
      before: ORDERS,
      runs: [
        { scripts: [], builtin: 'tpcb-like', clients: 2, rate: null },
        { scripts: evenly(WRITE_ORDERS), builtin: null, clients: 2, rate: null },
      ],
    },
    {
      name: 'shop',
      before: `
        create table document (id bigserial primary key, title text, n int not null default 0, payload text);
        insert into document (title, payload) select 'first', ${MEGABYTE_VALUE.replace('random()', '(random() + o + g)')} from generate_series(1, 40) o;
        create table steady (id int primary key, n int);
        insert into steady select o, 0 from generate_series(1, 1500) o;
        create table packed (id int primary key, n int); insert into packed select o, o from generate_series(1, 200) o;
        create table retyped (id int primary key, n int); insert into retyped select o, o from generate_series(1, 300) o;
        create table emptied (id serial primary key, v text); insert into emptied (v) select 'v' || o from generate_series(1, 50) o;
        create table doomed (id int primary key, v text); insert into doomed select o, 'v' from generate_series(1, 30) o;
        create table old_columns (id int primary key, a text, b text); insert into old_columns select o, 'a' || o, 'b' || o from generate_series(1, 100) o;
        create index old_index on packed (n);
        create function old_function() returns int language sql as 'select 1';
        create sequence numbers;
        create unlogged table fleeting (id int);
        create table untouched (id int, filler text);
        insert into untouched select o, repeat(md5(o::text), 250) from generate_series(1, ${Math.ceil(untouchedMegabytes * 512)}) o;`.replaceAll(
        'repeat(md5(o::text), 250)',
        INCOMPRESSIBLE,
      ),
      runs: [{ scripts: evenly(WRITE_DOCUMENTS), builtin: null, clients: 2, rate: 40 }],
    },
    {
      name: 'Odd "db"',
      before: `
        create schema "Odd Schema";
        create table "Odd Schema"."T ""x""" ("Key" uuid primary key, n int generated by default as identity, "select" numeric(20, 4)[], j jsonb, b bytea,
          t timestamptz, i interval, c char(5), twice int generated always as (n * 2) stored);
        insert into "Odd Schema"."T ""x""" ("Key", "select", t) select gen_random_uuid(), '{1.5,NULL}', '2026-01-02 03:04:05.678+02' from generate_series(1, 300);`,
      runs: [{ scripts: evenly(WRITE_ODD), builtin: null, clients: 1, rate: 100 }],
    },
    {
      name: 'doomed',
      before: 'create table there (id int); insert into there values (1);',
      runs: [],
    },
  ];
}

/** Short enough to stay in the table's own file: 1,952 bytes a row, four rows a page. */
const INCOMPRESSIBLE = "(select string_agg(md5(o::text || k::text), '') from generate_series(1, 61) k)";
