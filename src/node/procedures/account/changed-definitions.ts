/** Names what was created, altered, dropped or rewritten after the fork in one database, by comparing the catalogs of both sides. */
import { precedes } from '../../../core/divergence/wal-record.ts';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { DefinitionChange } from '../../../core/model/account-content.ts';
import { qualifiedName } from '../../../core/salvage/salvaged-row.ts';
import {
  changedObjectsQuery,
  relationIdentitiesQuery,
  type CatalogObject,
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

interface Relation {
  readonly oid: number;
  readonly xid: number;
  readonly type: string;
  readonly identity: string;
}

/** Throws as the queries do: `command-failed`, `timeout`, `unreachable`. */
export async function changedDefinitions(it: DefinitionQuestions): Promise<readonly DefinitionChange[]> {
  const { database, target, count, xids, limitMs } = it;
  const objects = await psqlJson<CatalogObject>(target, `${changedObjectsQuery(xids.first, xids.last)};`);
  const own = await psqlJson<Relation>(target, `${relationIdentitiesQuery()};`);
  const answer = await rowsOf<{ readonly document: Relation }>(
    database.session,
    { name: 'primacy-relation-identities', text: relationIdentitiesQuery() },
    limitMs,
  );
  const theirs = answer.map((row) => row.document).filter((row) => isOld(row.xid, count.lastXidBefore));
  const changed = objects.filter((object) => count.committed.has(object.xid));
  const named = new Map<string, DefinitionChange>();
  const add = (change: DefinitionChange['change'], type: string, identity: string): void => {
    const key = `${type} ${identity}`;
    if (!named.has(key)) named.set(key, { database: database.name, change, type, identity });
  };
  for (const identity of rewritten(it)) add('rewritten', 'table', identity);
  for (const object of changed) {
    const isRelation = object.catalog === 'pg_class' || object.catalog === 'pg_attribute';
    const before = isRelation && theirs.some((relation) => relation.oid === object.oid);
    const isNew = isRelation ? !before : (changedAt(count, object.catalog)?.updates ?? 0) === 0;
    add(isNew ? 'created' : 'altered', object.type, object.identity);
  }
  for (const relation of theirs)
    if (!own.some((other) => other.oid === relation.oid)) add('dropped', relation.type, relation.identity);
  return [...named.values()];

  function changedAt(counted: TransactionCount, catalog: string): { readonly updates: number } | undefined {
    const node = [...database.own.values()].find(
      (row) => row.schema === 'pg_catalog' && row.name === catalog,
    );
    return node === undefined ? undefined : counted.changes.get(node.node);
  }
}

/** What the survivor wrote since the fork is none of our business. */
function isOld(xid: number, lastXidBefore: number | null): boolean {
  return lastXidBefore === null || !precedes(lastXidBefore, xid);
}

/** Tables whose file was replaced: truncated, or written anew as a whole. */
function rewritten({ database, count }: DefinitionQuestions): readonly string[] {
  const found: string[] = [];
  for (const own of database.own.values()) {
    if (own.kind !== 'r' || own.schema === 'pg_catalog') continue;
    if (!count.createdFiles.has(own.node.slice(own.node.indexOf('/') + 1))) continue;
    const old = [...database.theirs.values()].find((it) => it.oid === own.oid && it.node !== own.node);
    if (old !== undefined) found.push(qualifiedName(own.schema, own.name));
  }
  return found;
}
