/** What the lab itself needs in the database: the client's ledger and the probe's table, apart from everything the product makes. */
import type { LabSecrets } from './cluster.ts';

/** Database, role and table of the client. */
export const CLIENT_DATABASE = 'app';

/** Run first, in database postgres: roles and databases. */
export function rolesSql(secrets: LabSecrets): string {
  return `
create role app login password '${secrets.clientPassword}';
create role lab_probe login;
create database app owner app;
create schema lab_probe authorization lab_probe;
create table lab_probe.beat (at timestamptz not null) with (autovacuum_enabled = off);
alter table lab_probe.beat owner to lab_probe;
grant pg_read_all_stats to lab_probe;
`;
}

/** Run in the client's database. The client chooses `id`, so that an acknowledgement can be compared with a row; `label` says it again as text, which can be found in WAL. */
export const LEDGER_SQL = `
set role app;
create table ledger (id bigint primary key, label text not null, written_at timestamptz not null default clock_timestamp());
`;
