/** The SQL that puts a bundle's rows into the survivor: one transaction, rows that now conflict skipped and listed, and never twice. */
import type { ChangedSequence } from '../model/account-content.ts';
import { qualifiedName, quoted, type SalvagedRow } from './salvaged-row.ts';

export interface ReplayRelation {
  /** `schema.table`, as in its rows. */
  readonly relation: string;
  /** Columns that can be written: generated ones are left out. */
  readonly columns: readonly string[];
  readonly key: readonly string[] | null;
}

/** The greatest transaction id before the fork: a row of the survivor that is not newer was not changed since. */
export function replayHead(bundle: string, database: string, lastXidBefore: number | null): string {
  return `-- Puts the rows of salvage bundle ${comment(bundle)} into database ${comment(database)}.
-- Run it on the survivor as superuser:  psql -X -d ${comment(database)} -f FILE      To see only what would happen:  psql -X -v dry_run=1 …
-- One transaction. A row that conflicts with what is there now is skipped and listed. A second run changes nothing.
-- Users' triggers do not fire: what they did is in the bundle itself. Foreign keys and all other constraints hold.
\\set ON_ERROR_STOP on
\\set QUIET on
\\pset format unaligned
\\pset tuples_only on
set search_path = pg_catalog;
set datestyle = 'ISO, YMD';
set intervalstyle = 'postgres';
set timezone = 'UTC';
set extra_float_digits = 1;
set bytea_output = 'hex';
set lc_monetary = 'C';
set xmloption = 'content';
set client_encoding = 'UTF8';
set lock_timeout = '10s';
set client_min_messages = 'warning';
begin;
create schema if not exists primacy;
create table if not exists primacy.salvage_replay (
  bundle text primary key, replayed_at timestamptz not null, replayed_by text not null,
  applied bigint not null, already_there bigint not null, conflicts bigint not null);
lock table primacy.salvage_replay in share row exclusive mode;
select exists (select from primacy.salvage_replay where bundle = ${literal(bundle)}) as replayed \\gset
\\if :replayed
  select json_build_object('alreadyReplayed', true, 'applied', applied, 'alreadyThere', already_there, 'conflicts', conflicts)
    from primacy.salvage_replay where bundle = ${literal(bundle)};
  rollback;
  \\quit
\\endif
create temp table salvage_relation (relation text primary key, doc json) on commit drop;
create temp table salvage_row (n bigserial primary key, doc json, outcome text) on commit drop;
${APPLY.replace('LAST_XID', lastXidBefore === null ? 'null' : String(lastXidBefore))}
`;
}

/** The relations, then `copy` of the rows: lines by `replayLine` follow, and `replayTail`. */
export function replayRelations(relations: readonly ReplayRelation[]): string {
  const rows = relations.map((it) => `  (${literal(it.relation)}, ${literal(JSON.stringify(it))})`);
  const insert =
    rows.length === 0 ? '' : `insert into salvage_relation (relation, doc) values\n${rows.join(',\n')};\n`;
  return `${insert}${MUTE}copy salvage_row (doc) from stdin;\n`;
}

/** One line for `copy`: values in the order of the relation's columns. Null where there is nothing to replay. */
export function replayLine(row: SalvagedRow, relation: ReplayRelation): string | null {
  if (row.action === 'delete' && row.before === null) return null;
  const unchanged = new Set(row.unchanged ?? []);
  const columns = relation.columns.filter((name) => !unchanged.has(name));
  const values = (it: SalvagedRow['before']): readonly (string | null)[] | null =>
    it === null || columns.some((name) => !(name in it)) ? null : columns.map((name) => it[name] ?? null);
  const document = {
    relation: row.relation,
    action: row.action,
    ...(unchanged.size === 0 ? {} : { columns }),
    before: values(row.before),
    after: values(row.after),
    ...(row.place === null
      ? {}
      : { file: String(row.place.file), place: `(${row.place.block},${row.place.offset})` }),
  };
  // In the text format of `copy` a backslash begins an escape; JSON has no raw tabs or line ends.
  return `${JSON.stringify(document).replaceAll('\\', '\\\\')}\n`;
}

/** Applies the rows, prints one JSON document for each conflict and one with the sums, and ends the transaction. */
export function replayTail(bundle: string, sequences: readonly ChangedSequence[]): string {
  return `\\.
do $$ begin perform pg_temp.salvage_apply_all(); end $$;
set constraints all immediate;
${UNMUTE}
select json_build_object('conflict', outcome, 'relation', doc->'relation', 'action', doc->'action', 'before', doc->'before',
    'after', doc->'after', 'columns', coalesce(doc->'columns', (select r.doc->'columns' from salvage_relation r where r.relation = salvage_row.doc->>'relation')))
  from salvage_row where outcome not in ('applied', 'there') order by n;
insert into primacy.salvage_replay (bundle, replayed_at, replayed_by, applied, already_there, conflicts)
  select ${literal(bundle)}, now(), session_user, count(*) filter (where outcome = 'applied'),
    count(*) filter (where outcome = 'there'), count(*) filter (where outcome not in ('applied', 'there')) from salvage_row;
select json_build_object('alreadyReplayed', false, 'applied', applied, 'alreadyThere', already_there, 'conflicts', conflicts)
  from primacy.salvage_replay where bundle = ${literal(bundle)};
\\if :{?dry_run}
rollback;
\\else
commit;
${sequences.map((it) => raise(it)).join('')}\\endif
`;
}

/** Moves a sequence on, never back. It is no part of the transaction, and must not be. */
function raise({ schema, name, lastValue }: ChangedSequence): string {
  const sequence = qualifiedName(schema, name);
  return `do $$ begin
  if to_regclass(${literal(sequence)}) is not null and
    (select case when increment_by > 0 then coalesce(last_value, start_value - 1) < ${lastValue} else coalesce(last_value, start_value + 1) > ${lastValue} end
      from pg_sequences where schemaname = ${literal(schema)} and sequencename = ${literal(name)}) then
    perform setval(${literal(sequence)}, ${lastValue});
  end if;
end $$;
`;
}

/** Users' triggers of the tables, by name, so that exactly those are switched on again. */
const MUTE = `create temp table salvage_trigger on commit drop as
  select t.tgrelid::regclass as target, t.tgname, t.tgenabled from pg_trigger t
    join salvage_relation r on t.tgrelid = to_regclass(r.relation)
    where not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgparentid = 0;
do $$ declare t record; begin
  for t in select * from salvage_trigger loop execute format('alter table %s disable trigger %I', t.target, t.tgname); end loop;
end $$;
`;
const UNMUTE = `do $$ declare t record; begin
  for t in select * from salvage_trigger loop
    execute format('alter table %s enable %s trigger %I', t.target, case t.tgenabled when 'A' then 'always' else '' end, t.tgname);
  end loop;
end $$;`;

/**
 * A row of the survivor is taken for unchanged where its version lies where it lay and is not newer than the fork, or where it reads as it
 * did. What fails or conflicts is tried again as long as anything else could be applied, because rows may wait for one another.
 */
const APPLY = `create function pg_temp.salvage_apply(rel json, r json) returns text language plpgsql as $$
declare
  target regclass := to_regclass(rel->>'relation');
  cols text[] := array(select json_array_elements_text(coalesce(r->'columns', rel->'columns')));
  keys text[] := case when json_typeof(rel->'key') = 'array' then array(select json_array_elements_text(rel->'key')) end;
  before text[] := case when json_typeof(r->'before') = 'array' then array(select json_array_elements_text(r->'before')) end;
  after text[] := case when json_typeof(r->'after') = 'array' then array(select json_array_elements_text(r->'after')) end;
  is_old constant text := 'coalesce(((LAST_XID - xmin::text::bigint + 4294967296) % 4294967296) < 2147483648, false)';
  as_text text; condition text; now_is text[]; found tid; unchanged boolean := false; done bigint;
begin
  if target is null then return 'the table is not there'; end if;
  select 'array[' || string_agg(format('%I::text', c), ', ' order by o) || ']' into as_text from unnest(cols) with ordinality u(c, o);
  if r->>'action' <> 'insert' and pg_relation_filenode(target)::text = r->>'file' then
    execute format('select ctid, %s from only %s where ctid = $1 and %s', as_text, target, is_old)
      into found, now_is using (r->>'place')::tid;
    unchanged := found is not null;
  end if;
  if found is null and keys is not null and coalesce(before, after) is not null then
    select string_agg(format('%I = %L', k, (coalesce(before, after))[array_position(cols, k)]), ' and ') into condition from unnest(keys) k;
    execute format('select ctid, %s, %s from only %s where %s', as_text, is_old, target, condition) into found, now_is, unchanged;
    unchanged := coalesce(unchanged, false) or coalesce(now_is = before, false);
  elsif found is null and before is not null then
    select string_agg(format('%I::text is not distinct from %L', c, b), ' and ') into condition from unnest(cols, before) u(c, b);
    execute format('select ctid, %s from only %s where %s limit 1', as_text, target, condition) into found, now_is;
    unchanged := found is not null;
  end if;
  if found is null and r->>'action' = 'update' and before is not null and keys is not null then
    select string_agg(format('%I = %L', k, after[array_position(cols, k)]), ' and ') into condition from unnest(keys) k;
    execute format('select %s from only %s where %s', as_text, target, condition) into now_is;
    if now_is = after then return 'there'; end if;
  end if;
  if found is not null and now_is is not distinct from after then return 'there'; end if;
  if r->>'action' = 'insert' and found is null then
    execute format('insert into %s (%s) overriding system value values (%s)', target,
      (select string_agg(format('%I', c), ', ' order by o) from unnest(cols) with ordinality u(c, o)),
      (select string_agg(format('%L', v), ', ' order by o) from unnest(after) with ordinality u(v, o)));
    return 'applied';
  end if;
  if r->>'action' = 'delete' and found is null then return 'there'; end if;
  if found is null then return 'the row is not there any more'; end if;
  if unchanged is not true then
    return case r->>'action' when 'insert' then 'another row with this key is there' else 'the row was changed on the survivor' end;
  end if;
  if r->>'action' = 'delete' then
    execute format('delete from only %s where ctid = $1', target) using found;
  else
    execute format('update only %s set %s where ctid = $1', target,
      (select string_agg(format('%I = %L', c, a), ', ') from unnest(cols, after, now_is) u(c, a, n) where a is distinct from n)) using found;
  end if;
  get diagnostics done = row_count;
  return case done when 1 then 'applied' else 'the row was changed meanwhile' end;
end $$;
create function pg_temp.salvage_apply_all() returns void language plpgsql as $$
declare r record; result text; progress boolean := true;
begin
  while progress loop
    progress := false;
    for r in select n, s.doc as doc, l.doc as rel from salvage_row s join salvage_relation l on l.relation = s.doc->>'relation'
        where outcome is null or outcome not in ('applied', 'there') order by n loop
      begin
        result := pg_temp.salvage_apply(r.rel, r.doc);
      exception when others then
        result := sqlerrm;
      end;
      progress := progress or result = 'applied';
      update pg_temp.salvage_row set outcome = result where n = r.n;
    end loop;
  end loop;
end $$;`;

function literal(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes('\\') ? `E'${doubled.replaceAll('\\', '\\\\')}'` : `'${doubled}'`;
}

/** For a comment line: nothing that could end it. */
function comment(text: string): string {
  return quoted(text.replaceAll(/[\r\n]/g, ' '));
}
