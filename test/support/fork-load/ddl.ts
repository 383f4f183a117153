/** The definitions that change while a fork is under load, a round after the other, on the side that is discarded and on the one that survives. */

export interface Statement {
  readonly database: string;
  readonly text: string;
}

/** Round `k`, counted from 1, of the side that is discarded. */
export function discardedRound(k: number): readonly Statement[] {
  const shop = (text: string): Statement => ({ database: 'shop', text });
  const first = k === 1 ? FIRST.map((text) => shop(text)) : [];
  return [
    ...first,
    shop(`create table made_${k} (id serial primary key, v text, n int not null default ${k})`),
    shop(`insert into made_${k} (v) select 'made ' || o from generate_series(1, 40) o`),
    shop(`update made_${k} set v = 'changed' where id % 3 = 0; delete from made_${k} where id % 7 = 0`),
    ...(k % 2 === 0 ? [shop(`drop table made_${k - 1}`)] : []),
    shop(`alter table steady add column extra_${k} int default ${k}`),
    shop(`alter table steady alter column extra_${k} set default ${k + 1_000}`),
    ...(k > 2 ? [shop(`alter table steady drop column extra_${k - 2}`)] : []),
    shop('truncate emptied'),
    shop(`insert into emptied (v) values ('after ${k}'), ('again ${k}')`),
    shop(`create index made_index_${k} on steady (n)`),
    ...(k > 1 ? [shop(`drop index made_index_${k - 1}`)] : []),
    shop('vacuum full packed'),
    shop(`alter table retyped alter n type ${k % 2 === 0 ? 'int' : 'bigint'}`),
    shop(`update retyped set n = n + 1 where id % 10 = ${k % 10}`),
    shop(
      `create table selected_${k} as select id, n from packed where id < 20; update selected_${k} set n = -1 where id < 5`,
    ),
    shop(`insert into fleeting values (${k})`),
    { database: 'bank', text: `create table orders_${k + 10} partition of orders for values in (${k + 10})` },
    {
      database: 'bank',
      text: `insert into orders (region, note) select ${k + 10}, 'far ' || o from generate_series(1, 30) o`,
    },
    { database: 'bank', text: `delete from orders where region = ${k + 10} and id % 2 = 0` },
    { database: 'bank', text: 'copy loose from program \'yes "7,copied" | head -40\' with (format csv)' },
    { database: 'bank', text: 'analyze' },
  ];
}

const FIRST: readonly string[] = [
  'drop table doomed',
  'alter table old_columns drop column b',
  "update old_columns set a = 'changed' where id < 20; delete from old_columns where id > 90",
  'drop index old_index',
  'drop function old_function()',
  "create function new_function() returns int language sql as 'select 2'",
  'create view seen as select id from packed',
  "create type mood as enum ('good', 'bad'); create table moody (id int primary key, m mood); insert into moody values (1, 'bad')",
  'alter table packed add constraint positive check (n > -100)',
  'create role fork_role',
  'select lo_create(0)',
  'drop database doomed',
  'create database fresh',
];

/** Run once in the database that the first round makes. */
export const FRESH: readonly Statement[] = [
  {
    database: 'fresh',
    text: "create table born (id serial primary key, v text); insert into born (v) values ('here'), ('too')",
  },
];

/** The survivor makes tables too, whose numbers are then those of other tables on the discarded side. */
export function survivorRound(k: number): readonly Statement[] {
  const shop = (text: string): Statement => ({ database: 'shop', text });
  return [
    shop(`create table kept_${k} (id serial primary key, v text)`),
    shop(
      `insert into kept_${k} (v) select 'kept ' || o from generate_series(1, 60) o; delete from kept_${k} where id < 5`,
    ),
    ...(k % 3 === 0 ? [shop(`drop table kept_${k - 1}`)] : []),
    shop(`alter table document add column kept_${k} int default ${k}`),
    ...(k > 1 ? [shop(`alter table document drop column kept_${k - 1}`)] : []),
    shop(`create index kept_index_${k} on packed (n, id)`),
    ...(k === 1 ? [shop('truncate emptied'), shop('vacuum full steady')] : []),
    shop(`create table kept_selected_${k} as select * from retyped`),
    { database: 'bank', text: "delete from loose where b = 'copied'" },
  ];
}
