/** Puts counts, names and rows together into what an account says; everything that the rows do not hold becomes a sentence. */
import type { ChangeCount, TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { RowTracker } from '../../../core/divergence/track-rows.ts';
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import type {
  AccountContent,
  ChangedSequence,
  DefinitionChange,
  RelationChanges,
} from '../../../core/model/account-content.ts';
import { qualifiedName } from '../../../core/salvage/salvaged-row.ts';
import type { CatalogRelation } from '../../../world/postgres/catalog-query.ts';
import type { ChangedDatabase } from './name-changes.ts';

/** Rows written to the bundle, by database and `schema.table`. */
export type RowCounts = ReadonlyMap<string, { insert: number; update: number; delete: number }>;

export interface ContentParts {
  readonly count: TransactionCount;
  readonly databases: readonly ChangedDatabase[];
  readonly ignored: ReadonlySet<FileNode>;
  readonly tracker: RowTracker;
  readonly rows: RowCounts;
  readonly definitions: readonly DefinitionChange[];
  readonly sequences: readonly ChangedSequence[];
  readonly notRecovered: readonly string[];
}

/** The key of a table in `RowCounts`. */
export function tableKey(database: string, relation: string): string {
  return `${database} ${relation}`;
}

export function describeContent(parts: ContentParts): AccountContent {
  const { count, tracker, definitions, sequences } = parts;
  const { relations, unnamed, largeObjects } = namedChanges(parts);
  const clients = count.prepared.filter((it) => it.isClient);
  return {
    firstCommit: count.firstCommit === null ? null : moment(count.firstCommit),
    lastCommit: count.lastCommit === null ? null : moment(count.lastCommit),
    relations,
    definitions,
    sequences,
    prepared: clients.map(({ gid, xid, at }) => ({ gid, xid, at: moment(at) })),
    insertedAndDeleted: [...tracker.files().values()].reduce((sum, it) => sum + it.vanished, 0),
    notRecovered: [
      ...parts.notRecovered,
      ...clients.map(
        (it) =>
          `prepared transaction ${JSON.stringify(it.gid)}, which nobody ended: its rows are only in the WAL`,
      ),
      ...said(count.messages, (n) => `${n} logical messages: they are only in the WAL`),
      ...said(largeObjects, (n) => `${n} changed large objects, or parts of them: they are only in the WAL`),
      ...said(
        unnamed,
        (n) =>
          `${n} row changes in tables that were dropped, or truncated, again after the fork: they are only in the WAL`,
      ),
      ...said(
        count.unseenBeginnings,
        (n) => `what ${n} transactions did before the oldest WAL that was read: they may have begun earlier`,
      ),
      ...said(
        tracker.untracked(),
        (n) => `the old versions of ${n} updated or deleted rows: there were too many to follow`,
      ),
      ...definitions
        .filter((it) => it.change === 'rewritten')
        .map(
          (it) =>
            `rows that ${it.database}: ${it.identity} had before it was truncated or written anew, as far as they were not written again: only the survivor may have them`,
        ),
    ],
  };
}

function said(count: number, sentence: (count: number) => string): readonly string[] {
  return count === 0 ? [] : [sentence(count)];
}

const LARGE_OBJECTS = new Set(['pg_largeobject', 'pg_largeobject_metadata']);

interface NamedChanges {
  readonly relations: readonly RelationChanges[];
  readonly unnamed: number;
  readonly largeObjects: number;
}

function namedChanges({ count, databases, ignored, rows }: ContentParts): NamedChanges {
  const tables = new Map<string, RelationChanges>();
  let unnamed = 0;
  let largeObjects = 0;
  for (const [node, changes] of count.changes) {
    const database = databases.find((it) => it.oid === Number(node.split('/')[1]));
    const relation = database?.own.get(node) ?? database?.theirs.get(node);
    if (ignored.has(node) && !count.createdFiles.has(node.slice(node.indexOf('/') + 1))) continue;
    if (database === undefined || relation === undefined) {
      unnamed += Number(node.split('/')[1]) === 0 ? 0 : totalOf(changes);
      continue;
    }
    if (relation.schema === 'pg_catalog' && LARGE_OBJECTS.has(relation.name))
      largeObjects += totalOf(changes);
    if (relation.schema === 'pg_catalog' || !['r', 't', 'm'].includes(relation.kind)) continue;
    const { schema, name } = relation.toastOf ?? relation;
    // The TOAST of a catalog holds definitions.
    if (schema === 'pg_catalog' || schema === 'pg_toast') continue;
    const key = tableKey(database.name, qualifiedName(schema, name));
    const table = tables.get(key) ?? emptyTable(database.name, schema, name, rows.get(key));
    tables.set(key, added(table, relation, changes));
  }
  return { relations: [...tables.values()], unnamed, largeObjects };
}

function emptyTable(
  database: string,
  schema: string,
  name: string,
  rows: RelationChanges['rows'] | undefined,
): RelationChanges {
  const none = { insert: 0, update: 0, delete: 0 };
  const counts = { inserts: 0, updates: 0, deletes: 0, toast: 0 };
  return { database, schema, name, ...counts, partitionOf: null, rows: rows ?? none };
}

function added(table: RelationChanges, relation: CatalogRelation, changes: ChangeCount): RelationChanges {
  if (relation.kind === 't') return { ...table, toast: table.toast + totalOf(changes) };
  return {
    ...table,
    partitionOf: relation.partitionOf,
    inserts: table.inserts + changes.inserts,
    updates: table.updates + changes.updates,
    deletes: table.deletes + changes.deletes,
  };
}

function totalOf({ inserts, updates, deletes }: ChangeCount): number {
  return inserts + updates + deletes;
}

function moment(millis: number): string {
  return new Date(millis).toISOString();
}
