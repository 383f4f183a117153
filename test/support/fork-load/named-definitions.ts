/** Every object that one side of a fork has and the other has not, or has otherwise: to see whether an account names it. */
import { psqlJson } from '../../../src/world/postgres/psql-lines.ts';
import type { TestServer } from '../postgres-cluster.ts';
import { targetOf } from './dump-relation.ts';

export interface FoundObject {
  readonly key: string;
  readonly type: string;
  readonly identity: string;
  /** The table it belongs to and goes with; its own identity where it stands alone. */
  readonly owner: string;
  /** Changes when its definition does. */
  readonly look: string;
}

const RELATION_LOOK = `md5(coalesce((select string_agg(format('%s %s %s %s %s', a.attnum, a.attname, a.atttypid, a.attnotnull, a.attisdropped), ',' order by a.attnum)
  from pg_attribute a where a.attrelid = c.oid and a.attnum > 0), '') || coalesce((select string_agg(pg_get_expr(d.adbin, d.adrelid), ',' order by d.adnum) from pg_attrdef d where d.adrelid = c.oid), ''))`;

const OBJECTS = `
  with found as (
    select 'pg_class' as catalog, c.oid, coalesce(x.indrelid, d.refobjid, c.oid) as owner, ${RELATION_LOOK} as look
      from pg_class c left join pg_index x on x.indexrelid = c.oid
        left join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.objsubid = 0
          and d.refclassid = 'pg_class'::regclass and d.deptype in ('a', 'i') and c.relkind = 'S'
      where c.relkind in ('r', 'p', 'v', 'm', 'S', 'i', 'I') and c.relpersistence <> 't' and c.relnamespace <> 'pg_toast'::regnamespace
    union all select 'pg_proc', oid, null, md5(prosrc) from pg_proc
    union all select 'pg_namespace', oid, null, nspname from pg_namespace where nspname !~ '^pg_'
    union all select 'pg_trigger', oid, tgrelid, tgenabled::text from pg_trigger where not tgisinternal
    union all select 'pg_constraint', oid, nullif(conrelid, 0), convalidated::text from pg_constraint
    union all select 'pg_type', oid, null, typname from pg_type where typtype in ('e', 'd')
    union all select 'pg_authid', oid, null, rolname from pg_authid)
  select json_build_object('key', catalog || ' ' || found.oid, 'type', i.type, 'identity', i.identity, 'look', look,
      'owner', coalesce((pg_identify_object('pg_class'::regclass, owner, 0)).identity, i.identity))
    from found cross join lateral pg_identify_object(('pg_catalog.' || catalog)::regclass, found.oid, 0) i where found.oid >= 16384;`;

export async function objectsOf(
  server: TestServer,
  database: string,
): Promise<ReadonlyMap<string, FoundObject>> {
  const found = await psqlJson<FoundObject>(targetOf(server, database), OBJECTS);
  return new Map(found.map((it) => [it.key, it]));
}

export interface NamedChange {
  readonly change: string;
  readonly identity: string;
}

/** The differences that no named change stands for: of the object itself, or of the table it came or went with. */
export function unnamedDefinitions(
  before: ReadonlyMap<string, FoundObject>,
  after: ReadonlyMap<string, FoundObject>,
  named: readonly NamedChange[],
): { readonly differences: number; readonly unnamed: readonly string[] } {
  const isNamed = (changes: readonly string[], ...identities: readonly string[]): boolean =>
    named.some((it) => changes.includes(it.change) && identities.includes(it.identity));
  const unnamed: string[] = [];
  let differences = 0;
  const look = (ok: boolean, what: string, it: FoundObject): void => {
    differences += 1;
    if (!ok) unnamed.push(`${what}: ${it.type} ${it.identity}`);
  };
  for (const [key, it] of after) {
    const old = before.get(key);
    if (old === undefined) look(isNamed(['created'], it.identity, it.owner), 'created', it);
    else if (old.look !== it.look || old.identity !== it.identity)
      look(isNamed(['altered', 'created', 'rewritten'], it.identity), 'altered', it);
  }
  for (const [key, it] of before)
    if (!after.has(key)) look(isNamed(['dropped'], it.identity, it.owner), 'dropped', it);
  return { differences, unnamed };
}
