/** What the surviving primary is asked for an account and a rejoin; everything as the role `primacy`, nothing as superuser. */
import type { FileNode } from '../../core/divergence/wal-record.ts';
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { parseTimelineId, type TimelineId } from '../../core/model/timeline.ts';
import type { PostgresSession, Statement } from './session.ts';

export interface SurvivorFacts {
  readonly systemIdentifier: SystemIdentifier;
  readonly writable: boolean;
  readonly timeline: TimelineId;
  /** Full text of the history file; empty on timeline 1. */
  readonly history: string;
  /** Timeline of its last checkpoint: the only one that pg_rewind looks at. */
  readonly checkpointTimeline: TimelineId;
  readonly flushLsn: Lsn;
}

interface FactsRow {
  readonly system_identifier: string;
  readonly writable: boolean;
  readonly timeline: number | null;
  readonly history: string | null;
  readonly checkpoint_timeline: number;
  readonly flush_lsn: string | null;
}

const FACTS: Statement = {
  name: 'primacy-survivor-facts',
  text: `
    with now as (
      select case when pg_is_in_recovery() then null
        else ('x' || substr(pg_walfile_name(pg_current_wal_flush_lsn()), 1, 8))::bit(32)::int end as timeline)
    select
      (select system_identifier::text from pg_control_system()) as system_identifier,
      not pg_is_in_recovery() and current_setting('transaction_read_only') = 'off' as writable,
      timeline,
      case when timeline > 1 then
        pg_read_file('pg_wal/' || lpad(upper(to_hex(timeline)), 8, '0') || '.history') else '' end as history,
      (select timeline_id from pg_control_checkpoint()) as checkpoint_timeline,
      case when pg_is_in_recovery() then null else pg_current_wal_flush_lsn()::text end as flush_lsn
    from now`,
};

/** One fresh look. Throws `refused` where the server is no primary, else as `rowsOf`. */
export async function readSurvivorFacts(session: PostgresSession, limitMs: number): Promise<SurvivorFacts> {
  const [row] = await rowsOf<FactsRow>(session, FACTS, limitMs);
  if (row === undefined || row.timeline === null || row.flush_lsn === null)
    throw new PrimacyError('refused', 'cannot use the survivor: it is in recovery', { retryable: true });
  return {
    systemIdentifier: row.system_identifier as SystemIdentifier,
    writable: row.writable,
    timeline: parseTimelineId(row.timeline),
    history: row.history ?? '',
    checkpointTimeline: parseTimelineId(row.checkpoint_timeline),
    flushLsn: parseLsn(row.flush_lsn),
  };
}

/** Indexes, TOAST, partitions and owned sequences of the named relations belong to them. */
const FILES_OF = `
  with recursive related(oid) as (
    select c.oid from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname || '.' || c.relname in (select json_array_elements_text($1::json))
    union
    select step.oid from related r cross join lateral (
      select i.indexrelid as oid from pg_index i where i.indrelid = r.oid
      union all select c.reltoastrelid from pg_class c where c.oid = r.oid and c.reltoastrelid <> 0
      union all select h.inhrelid from pg_inherits h where h.inhparent = r.oid
      union all select d.objid from pg_depend d join pg_class s on s.oid = d.objid and s.relkind = 'S'
        where d.refobjid = r.oid and d.classid = 'pg_class'::regclass
          and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i')) step)
  select coalesce(nullif(c.reltablespace, 0), d.dattablespace) || '/' || d.oid || '/'
      || pg_relation_filenode(c.oid) as node
    from related join pg_class c using (oid)
    cross join (select oid, dattablespace from pg_database where datname = current_database()) d
    where pg_relation_filenode(c.oid) is not null`;

/** The files of relations given as `schema.table`, in the session's database; an unknown name has none. */
export async function readFilesOf(
  session: PostgresSession,
  relations: readonly string[],
  limitMs: number,
): Promise<ReadonlySet<FileNode>> {
  const statement = { name: 'primacy-files-of', text: FILES_OF, values: [JSON.stringify(relations)] };
  const rows = await rowsOf<{ readonly node: string }>(session, statement, limitMs);
  return new Set(rows.map((row) => row.node as FileNode));
}

/** Bytes of a WAL file on the survivor; null where it has that file no longer. */
export async function readWalBytes(
  session: PostgresSession,
  file: string,
  offset: number,
  length: number,
  limitMs: number,
): Promise<Buffer | null> {
  const statement = {
    name: 'primacy-wal-bytes',
    text: 'select pg_read_binary_file($1, $2, $3, true) as bytes',
    values: [`pg_wal/${file}`, offset, length],
  };
  const [row] = await rowsOf<{ readonly bytes: Buffer | null }>(session, statement, limitMs);
  return row?.bytes ?? null;
}

/** sha256 of such bytes, computed by the survivor: what is equal need not cross the network. Null as above. */
export async function hashWalBytes(
  session: PostgresSession,
  file: string,
  offset: number,
  length: number,
  limitMs: number,
): Promise<string | null> {
  const statement = {
    name: 'primacy-wal-hash',
    text: "select encode(sha256(pg_read_binary_file($1, $2, $3, true)), 'hex') as hash",
    values: [`pg_wal/${file}`, offset, length],
  };
  const [row] = await rowsOf<{ readonly hash: string | null }>(session, statement, limitMs);
  return row?.hash ?? null;
}

/** Makes the survivor write a checkpoint now (role pg_checkpoint). */
export async function checkpoint(session: PostgresSession, limitMs: number): Promise<void> {
  await rowsOf(session, { name: 'primacy-checkpoint', text: 'checkpoint' }, limitMs);
}

/** Runs a statement and returns its rows. Throws `unreachable` on silence and `command-failed` on an error answer. */
export async function rowsOf<Row>(
  session: PostgresSession,
  statement: Statement,
  limitMs: number,
): Promise<readonly Row[]> {
  const outcome = await session.query<Row>(statement, limitMs);
  if (outcome.kind === 'rows') return outcome.rows;
  const { kind, detail } = outcome.failure;
  throw new PrimacyError(
    kind === 'rejected' ? 'command-failed' : 'unreachable',
    `cannot run ${statement.name}: ${detail}`,
    { retryable: true },
  );
}
