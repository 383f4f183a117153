/** Names what was created, altered, dropped or rewritten after the fork in one database, by comparing the catalogs of both sides. */
import { precedes } from '../../../core/divergence/wal-record.ts';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { DefinitionChange } from '../../../core/model/account-content.ts';
import { qualifiedName } from '../../../core/salvage/salvaged-row.ts';
import {
  addedColumnsQuery,
  changedObjectsQuery,
  existingObjectsQuery,
  OBJECT_CATALOGS,
  type AddedColumn,
  type CatalogObject,
  type ExistingObject,
} from '../../../world/postgres/catalog-query.ts';
import { psqlJson, type PsqlTarget } from '../../../world/postgres/psql-lines.ts';
import { rowsOf } from '../../../world/postgres/survivor.ts';
import type { ChangedDatabase } from './name-changes.ts';

export interface DefinitionQuestions {
  readonly database: ChangedDatabase;
  readonly target: PsqlTarget;
  readonly count: TransactionCount;
  readonly xids: { readonly first: number; readonly last: number };
  readonly limitMs: number;
}

export interface ChangedDefinitions {
  readonly definitions: readonly DefinitionChange[];
  /** What no definition tells: the values that rows have in added columns without having been written. */
  readonly notRecovered: readonly string[];
}

/** Throws as the queries do: `command-failed`, `timeout`, `unreachable`. */
export async function changedDefinitions(it: DefinitionQuestions): Promise<ChangedDefinitions> {
  const { database, target, count, xids } = it;
  const changed = await psqlJson<CatalogObject>(target, `${changedObjectsQuery(xids.first, xids.last)};`);
  // Only a catalog that lost rows can have lost an object.
  const lossy = OBJECT_CATALOGS.filter((catalog) => (changesOf(it, catalog)?.deletes ?? 0) > 0);
  const query = existingObjectsQuery(lossy);
  const own = await psqlJson<ExistingObject>(target, `${query};`);
  const before = database.isNew ? [] : await objectsBefore(it, query);
  const named = new Map<string, DefinitionChange>();
  const add = (change: DefinitionChange['change'], type: string, identity: string): void => {
    const key = `${type} ${identity}`;
    if (!named.has(key)) named.set(key, { database: database.name, change, type, identity });
  };
  for (const identity of rewritten(it, own)) add('rewritten', 'table', identity);
  for (const object of changed) {
    if (!count.committed.has(object.xid)) continue;
    const isRelation = object.catalog === 'pg_class' || object.catalog === 'pg_attribute';
    const wasThere = isRelation && before.some((other) => isSame(other, { ...object, catalog: 'pg_class' }));
    const isNew = isRelation ? !wasThere : (changesOf(it, object.catalog)?.updates ?? 0) === 0;
    add(isNew ? 'created' : 'altered', object.type, object.identity);
  }
  const present = new Set(own.map((object) => keyOf(object)));
  for (const object of before) if (!present.has(keyOf(object))) add('dropped', object.type, object.identity);
  return { definitions: [...named.values()], notRecovered: await addedValues(it) };
}

function keyOf({ catalog, oid }: Pick<ExistingObject, 'catalog' | 'oid'>): string {
  return `${catalog} ${oid}`;
}

function isSame(a: ExistingObject, b: Pick<ExistingObject, 'catalog' | 'oid'>): boolean {
  return a.oid === b.oid && a.catalog === b.catalog;
}

function changesOf(
  { database, count }: DefinitionQuestions,
  catalog: string,
): { readonly updates: number; readonly deletes: number } | undefined {
  const node = [...database.own.values()].find((row) => row.schema === 'pg_catalog' && row.name === catalog);
  return node === undefined ? undefined : count.changes.get(node.node);
}

/** What the survivor has had since before the fork; what it made after it is none of our business. */
async function objectsBefore(
  { database, count, limitMs }: DefinitionQuestions,
  query: string,
): Promise<readonly ExistingObject[]> {
  const statement = { name: 'primacy-existing-objects', text: query };
  const answer = await rowsOf<{ readonly document: ExistingObject }>(database.session, statement, limitMs);
  return answer.map((row) => row.document).filter((row) => isOld(row.xid, count));
}

function isOld(xid: number, { lastXidBefore }: TransactionCount): boolean {
  return lastXidBefore === null || !precedes(lastXidBefore, xid);
}

/**
 * Tables that were there at the fork and whose file is newer: truncated, or written anew as a whole. The survivor is not asked, because it
 * may have done the same to them.
 */
function rewritten(
  { database, count }: DefinitionQuestions,
  own: readonly ExistingObject[],
): readonly string[] {
  const found: string[] = [];
  for (const table of database.own.values()) {
    if (table.kind !== 'r' || table.schema === 'pg_catalog') continue;
    if (!count.createdFiles.has(table.node.slice(table.node.indexOf('/') + 1))) continue;
    const object = own.find((it) => isSame(it, { catalog: 'pg_class', oid: table.oid }));
    // A transaction that spans the fork may have made it.
    if (object !== undefined && isOld(object.xid, count) && !count.committed.has(object.xid))
      found.push(qualifiedName(table.schema, table.name));
  }
  return found;
}

/** A row that was not written holds the value that a column was added with, whatever the column's default became since. */
async function addedValues({
  database,
  target,
  count,
  xids,
}: DefinitionQuestions): Promise<readonly string[]> {
  const added = await psqlJson<AddedColumn>(target, `${addedColumnsQuery(xids.first, xids.last)};`);
  return added
    .filter((it) => count.committed.has(it.xid))
    .map(
      ({ schema, table, column, value }) =>
        `${JSON.stringify(value)} in the added column ${column} of all rows of ${database.name}: ${qualifiedName(schema, table)} that were not written after it was added`,
    );
}
