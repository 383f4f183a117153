/** What a server says of its own part in a rejoin, as the role `primacy`: settings, grants, WAL, free senders. */
import type { ServerReadiness } from '../../core/divergence/rejoin-preflight.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { PostgresSession, Statement } from './session.ts';
import { rowsOf } from './survivor.ts';

interface Row {
  readonly rewind_possible: boolean;
  readonly full_page_writes: boolean;
  readonly missing: readonly string[];
  readonly wal_keep_bytes: number;
  readonly wal_bytes: number;
  readonly free_senders: number;
  readonly database_bytes: number | null;
}

/** PostgreSQL manual, pg_rewind, "Notes", and what the account reads; functions are granted in each database by itself. */
const FUNCTIONS = [
  'pg_ls_dir(text, boolean, boolean)',
  'pg_stat_file(text, boolean)',
  'pg_read_binary_file(text)',
  'pg_read_binary_file(text, bigint, bigint, boolean)',
  'pg_read_file(text)',
];

const missingFunctions = FUNCTIONS.map(
  (name) => `('execute on ${name}', has_function_privilege('${name}', 'execute'))`,
).join(',\n      ');

/** The sizes of all databases cost a look at each file: asked for only where a full copy is the only way. */
const READINESS: Statement = {
  name: 'primacy-readiness',
  text: `
    with hints as (select current_setting('wal_log_hints')::boolean or current_setting('data_checksums')::boolean as possible)
    select hints.possible as rewind_possible,
      current_setting('full_page_writes')::boolean as full_page_writes,
      (select coalesce(json_agg(name), '[]') from (values
        ${missingFunctions},
        ('role pg_checkpoint', exists (select from pg_roles where rolname = 'pg_checkpoint' and pg_has_role(oid, 'usage'))),
        ('attribute replication', (select rolreplication or rolsuper from pg_roles where rolname = current_user))
      ) needed (name, given) where not given) as missing,
      pg_size_bytes(current_setting('wal_keep_size'))::float8 as wal_keep_bytes,
      (select coalesce(sum(size), 0) from pg_ls_waldir())::float8 as wal_bytes,
      current_setting('max_wal_senders')::int - (select count(*) from pg_stat_replication)::int as free_senders,
      case when not hints.possible then
        (select sum(pg_database_size(oid)) from pg_database)::float8 end as database_bytes
    from hints`,
};

/** One look. Throws as `rowsOf`. */
export async function readReadiness(session: PostgresSession, limitMs: number): Promise<ServerReadiness> {
  const [row] = await rowsOf<Row>(session, READINESS, limitMs);
  if (row === undefined) throw new PrimacyError('output-invalid', 'cannot read what a rejoin needs: no row');
  return {
    rewindPossible: row.rewind_possible,
    fullPageWrites: row.full_page_writes,
    missingGrants: row.missing,
    walKeepBytes: row.wal_keep_bytes,
    walBytes: row.wal_bytes,
    freeSenders: row.free_senders,
    databaseBytes: row.database_bytes,
  };
}

/** What a whole copy of the server takes: its databases and its WAL. */
export async function readCopyBytes(session: PostgresSession, limitMs: number): Promise<number> {
  const text = `select ((select sum(pg_database_size(oid)) from pg_database)
    + (select coalesce(sum(size), 0) from pg_ls_waldir()))::float8 as bytes`;
  const [row] = await rowsOf<{ readonly bytes: number }>(
    session,
    { name: 'primacy-copy-bytes', text },
    limitMs,
  );
  return row?.bytes ?? 0;
}
