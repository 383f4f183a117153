/** The SQL that says what a relation's file is called and made of; the same on the discarded side and on the survivor. */
import type { FileNode } from '../../core/divergence/wal-record.ts';

export interface CatalogRelation {
  readonly node: FileNode;
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** As pg_class.relkind. */
  readonly kind: string;
  /** The table whose long values it holds; null where it is no TOAST table. */
  readonly toastOf: { readonly oid: number; readonly schema: string; readonly name: string } | null;
  readonly partitionOf: string | null;
  /** In order, dropped ones left out. */
  readonly columns: readonly { readonly name: string; readonly generated: boolean }[];
  /** Columns of the primary key, else of a unique index over columns that are never null; null without one. */
  readonly key: readonly string[] | null;
}

/** One JSON document a row, for each relation whose file is among `nodes`. */
export function relationsQuery(nodes: Iterable<FileNode>): string {
  const numbers = [...new Set([...nodes].map((node) => node.slice(node.lastIndexOf('/') + 1)))];
  return `
  select json_build_object(
    'node', coalesce(nullif(c.reltablespace, 0), d.dattablespace) || '/' ||
      case when c.relisshared then 0 else d.oid end || '/' || pg_relation_filenode(c.oid),
    'oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'kind', c.relkind,
    'toastOf', (select json_build_object('oid', o.oid::bigint, 'schema', s.nspname, 'name', o.relname)
      from pg_class o join pg_namespace s on s.oid = o.relnamespace where o.reltoastrelid = c.oid and c.relkind = 't'),
    'partitionOf', (select s.nspname || '.' || p.relname from pg_inherits i join pg_class p on p.oid = i.inhparent
      join pg_namespace s on s.oid = p.relnamespace where i.inhrelid = c.oid and c.relispartition limit 1),
    'columns', coalesce((select json_agg(json_build_object('name', a.attname, 'generated', a.attgenerated <> '')
      order by a.attnum) from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      and c.relkind in ('r', 'p', 'm')), '[]'),
    'key', (select (select json_agg(a.attname order by k.ord) from unnest(x.indkey[0:x.indnkeyatts - 1])
        with ordinality k(att, ord) join pg_attribute a on a.attrelid = c.oid and a.attnum = k.att)
      from pg_index x where x.indrelid = c.oid and x.indisunique and x.indimmediate and x.indisvalid
        and x.indpred is null and x.indexprs is null
        and not exists (select from pg_attribute a where a.attrelid = c.oid
          and a.attnum = any(x.indkey[0:x.indnkeyatts - 1]) and not a.attnotnull)
      order by x.indisprimary desc, x.indexrelid limit 1)) as document
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
    cross join (select oid, dattablespace from pg_database where datname = current_database()) d
  where pg_relation_filenode(c.oid) = any('{${numbers.join(',')}}'::oid[])`;
}

export interface CatalogDatabase {
  readonly oid: number;
  readonly name: string;
  readonly connectable: boolean;
}

export const databasesDocument =
  "select json_build_object('oid', oid::bigint, 'name', datname, 'connectable', datallowconn) as document from pg_database order by datname";

/** Catalogs that all databases share. */
const SHARED_CATALOGS: readonly string[] = ['pg_authid', 'pg_tablespace'];

/** Catalogs whose rows are objects of their own. */
export const OBJECT_CATALOGS: readonly string[] = [
  'pg_authid',
  'pg_cast',
  'pg_class',
  'pg_collation',
  'pg_constraint',
  'pg_conversion',
  'pg_database',
  'pg_default_acl',
  'pg_event_trigger',
  'pg_extension',
  'pg_foreign_data_wrapper',
  'pg_foreign_server',
  'pg_language',
  'pg_namespace',
  'pg_opclass',
  'pg_operator',
  'pg_opfamily',
  'pg_policy',
  'pg_proc',
  'pg_publication',
  'pg_rewrite',
  'pg_statistic_ext',
  'pg_subscription',
  'pg_tablespace',
  'pg_trigger',
  'pg_ts_config',
  'pg_ts_dict',
  'pg_type',
  'pg_user_mapping',
];

export interface CatalogObject {
  readonly catalog: string;
  readonly oid: number;
  readonly xid: number;
  readonly type: string;
  readonly identity: string;
}

/** Objects whose catalog row was written by transactions between two ids; TOAST tables and row types follow their tables. */
export function changedObjectsQuery(firstXid: number, lastXid: number): string {
  const parts = OBJECT_CATALOGS.map(
    (catalog) => `
    select '${catalog}' as catalog, o.oid::bigint as oid, o.xmin::text::bigint as xid, i.type, i.identity
      from pg_catalog.${catalog} o cross join lateral pg_identify_object('pg_catalog.${catalog}'::regclass, o.oid, 0) i
      where ${xidBetween('o', firstXid, lastXid)}`,
  );
  const columns = `
    select 'pg_attribute' as catalog, a.attrelid::bigint as oid, a.xmin::text::bigint as xid, i.type, i.identity
      from pg_catalog.pg_attribute a cross join lateral pg_identify_object('pg_catalog.pg_class'::regclass, a.attrelid, 0) i
      where ${xidBetween('a', firstXid, lastXid)} and a.attnum > 0`;
  return `select json_build_object('catalog', catalog, 'oid', oid, 'xid', xid, 'type', type, 'identity', identity) as document
    from (${[...parts, columns].join(' union all ')}) changed
    where ${IS_NAMED}`;
}

/** TOAST tables and row types follow their tables, array types their elements. */
const IS_NAMED = `identity is not null and identity !~ '^(pg_toast|pg_catalog)[.]' and type <> 'toast table'
      and not (catalog = 'pg_type' and type in ('type', 'composite type') and identity ~ '^[^.]+[.](_.*|.*\\[\\])$')
      and not (catalog = 'pg_type' and exists (select from pg_type t where t.oid = changed.oid and t.typrelid <> 0))`;

/** An object that exists, for a comparison of what was dropped; `xid` made it, as far as its catalog still tells. */
export type ExistingObject = CatalogObject;

/**
 * All relations, and all objects of these catalogs and of the shared ones. A relation's own row is written anew whenever anything of it
 * changes; its first column, which for a table is one of the system's, is not, and tells which transaction made it.
 */
export function existingObjectsQuery(catalogs: readonly string[]): string {
  const others = [...new Set([...catalogs, ...SHARED_CATALOGS])].filter((it) => it !== 'pg_class');
  const parts = others.map(
    (catalog) =>
      `select '${catalog}', o.oid, o.xmin::text::bigint from pg_catalog.${catalog} o where o.oid >= 16384`,
  );
  const relations = `
    select 'pg_class' as catalog, c.oid as oid, coalesce((select a.xmin from pg_attribute a where a.attrelid = c.oid
        order by a.attnum limit 1), c.xmin)::text::bigint as xid
      from pg_class c where c.oid >= 16384 and c.relpersistence <> 't'`;
  return `select json_build_object('catalog', catalog, 'oid', oid::bigint, 'xid', xid, 'type', type, 'identity', identity) as document
    from (select found.*, i.type, i.identity from (${[relations, ...parts].join('\n    union all ')}) found
      cross join lateral pg_identify_object(('pg_catalog.' || catalog)::regclass, oid, 0) i) changed
    where ${IS_NAMED}`;
}

export interface AddedColumn {
  readonly xid: number;
  readonly schema: string;
  readonly table: string;
  readonly column: string;
  readonly value: string;
}

/** Columns that were added with a value for the rows that were there, which were not written for it. */
export function addedColumnsQuery(firstXid: number, lastXid: number): string {
  return `select json_build_object('xid', a.xmin::text::bigint, 'schema', n.nspname, 'table', c.relname, 'column', a.attname,
      'value', coalesce((a.attmissingval::text::text[])[1], a.attmissingval::text)) as document
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
    where a.atthasmissing and not a.attisdropped and ${xidBetween('a', firstXid, lastXid)}`;
}

/** A condition on a system column `xmin` that bears the wrap-around of ids. */
export function xidBetween(alias: string, firstXid: number, lastXid: number): string {
  const span = (lastXid - firstXid) >>> 0;
  return `((${alias}.xmin::text::bigint - ${firstXid} + 4294967296) % 4294967296) <= ${span}`;
}
