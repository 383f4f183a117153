/** The SQL of `primacy setup`: role, tables and grants, written so that running it again changes nothing. */

export interface SetupParts {
  /** Database role of agent, rejoin and replication. */
  readonly role: string;
  /** The heartbeat's. */
  readonly database: string;
  /** Null prints a placeholder: the SQL is shown, not run. */
  readonly password: string | null;
}

/** Once per cluster: roles are shared by all databases. */
export function roleStatements({ role, password }: SetupParts): string {
  const name = quoteIdentifier(role);
  const secret = password === null ? "'<content of postgres.passwordFile>'" : quoteLiteral(password);
  return `set password_encryption = 'scram-sha-256';
do $primacy$ begin
  if not exists (select from pg_roles where rolname = ${quoteLiteral(role)}) then
    create role ${name};
  end if;
end $primacy$;
alter role ${name} with login replication nosuperuser nocreatedb nocreaterole password ${secret};
grant pg_monitor, pg_checkpoint, pg_read_all_data to ${name};
`;
}

/** In the heartbeat database: what the agent reads and writes, and what pg_rewind needs in the database it connects to. */
export function heartbeatStatements({ role, database }: SetupParts): string {
  const name = quoteIdentifier(role);
  return `create table if not exists public.sr_delay (id int primary key, sr_date timestamptz);
insert into public.sr_delay (id, sr_date) values (1, now()) on conflict (id) do nothing;
create schema if not exists primacy;
create table if not exists primacy.epoch (id uuid primary key, node text not null, epoch bigint not null, written_at timestamptz not null);
create table if not exists primacy.marker (id uuid primary key, node text not null, written_at timestamptz not null);
grant connect on database ${quoteIdentifier(database)} to ${name};
grant usage on schema public, primacy to ${name};
grant select, insert, update on public.sr_delay to ${name};
grant select, insert, update, delete on primacy.epoch, primacy.marker to ${name};
grant execute on function
  pg_ls_dir(text, boolean, boolean),
  pg_stat_file(text, boolean),
  pg_read_binary_file(text),
  pg_read_binary_file(text, bigint, bigint, boolean),
  pg_read_file(text),
  pg_promote(boolean, integer)
to ${name};
`;
}

/** In every database: the extension cannot be made on a standby, and it reads the rows of a discarded history. */
export const extensionStatement = 'create extension if not exists pageinspect;\n';

/** All databases that accept connections, templates too (a new database is a copy of template1). One name a line. */
export const databasesQuery =
  "select datname from pg_database where datallowconn and datname <> 'template0' order by datname";

export const systemIdentifierQuery = 'select system_identifier from pg_control_system()';

/** Quotes a name for SQL (PostgreSQL manual, section 4.1.1). */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Quotes a text for SQL; right for every setting of standard_conforming_strings. */
export function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return text.includes('\\') ? ` E'${quoted.replaceAll('\\', '\\\\')}'` : `'${quoted}'`;
}
