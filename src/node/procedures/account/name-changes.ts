/** Gives the files that the WAL names their names: by the discarded side's own catalogs, and by the survivor's where those know no more. */
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { DefinitionChange } from '../../../core/model/account-content.ts';
import { errorText } from '../../../core/model/primacy-error.ts';
import {
  databasesDocument,
  relationsQuery,
  type CatalogDatabase,
  type CatalogRelation,
} from '../../../world/postgres/catalog-query.ts';
import { psqlJson } from '../../../world/postgres/psql-lines.ts';
import { rowsOf } from '../../../world/postgres/survivor.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import type { IsolatedServer } from '../isolated-server.ts';
import { nameDatabases } from './name-databases.ts';

/** One database in which something was changed. */
export interface ChangedDatabase {
  readonly name: string;
  readonly oid: number;
  /** By file, as the discarded side has them. */
  readonly own: ReadonlyMap<FileNode, CatalogRelation>;
  /** By file that was there at the fork, as the survivor has them: one that only it knows was dropped, truncated or rewritten. */
  readonly theirs: ReadonlyMap<FileNode, CatalogRelation>;
  readonly session: PostgresSession;
  /** Made after the fork: the survivor has nothing of it, though it may have another one of that name. */
  readonly isNew: boolean;
}

export interface Named {
  readonly databases: readonly ChangedDatabase[];
  /** Databases that were created and dropped. */
  readonly definitions: readonly DefinitionChange[];
  readonly notRecovered: readonly string[];
}

type DatabaseCount = Pick<
  TransactionCount,
  'changes' | 'createdFiles' | 'removedFiles' | 'createdDatabases' | 'droppedDatabases'
>;

interface Questions {
  readonly server: IsolatedServer;
  /** A session to one of the survivor's databases; it is closed by whoever gave it. */
  readonly survivor: (database: string) => PostgresSession;
  readonly count: DatabaseCount;
  readonly limitMs: number;
}

/** Asks both sides. What cannot be asked is named, and its files stay without a name. */
export async function nameChanges({ server, survivor, count, limitMs }: Questions): Promise<Named> {
  const known = await psqlJson<CatalogDatabase>(server.target('postgres'), `${databasesDocument};`);
  const { definitions, notRecovered: others } = await nameDatabases(known, survivor, count, limitMs);
  const databases: ChangedDatabase[] = [];
  const notRecovered: string[] = [...others];
  for (const [oid, files] of filesByDatabase(count, known)) {
    const database = known.find((it) => it.oid === oid);
    // One that is gone is named as dropped.
    if (database === undefined) continue;
    if (!database.connectable) {
      notRecovered.push(
        `database ${database.name}, which accepts no connections: its rows are only in the WAL`,
      );
      continue;
    }
    const session = survivor(database.name);
    const isNew = count.createdDatabases.has(oid);
    const own = await psqlJson<CatalogRelation>(server.target(database.name), `${relationsQuery(files)};`);
    // A file made after the fork shares its number, if at all, with another table's on the survivor.
    const old = [...files].filter((it) => !count.createdFiles.has(it.slice(it.indexOf('/') + 1)));
    const theirs = isNew ? [] : await askSurvivor(session, old, limitMs);
    if (typeof theirs === 'string')
      notRecovered.push(
        `old versions of rows in database ${database.name}: the survivor could not be asked (${theirs})`,
      );
    databases.push({
      name: database.name,
      oid,
      session,
      isNew,
      own: byFile(own),
      theirs: byFile(typeof theirs === 'string' ? [] : theirs),
    });
  }
  return { databases, definitions, notRecovered };
}

async function askSurvivor(
  session: PostgresSession,
  files: Iterable<FileNode>,
  limitMs: number,
): Promise<readonly CatalogRelation[] | string> {
  const statement = { name: 'primacy-relations', text: relationsQuery(files) };
  try {
    const rows = await rowsOf<{ readonly document: CatalogRelation }>(session, statement, limitMs);
    return rows.map((row) => row.document);
  } catch (error) {
    return errorText(error);
  }
}

/**
 * Files of every database, `tablespace/database/file`. Shared catalogs have database 0 and no rows of clients: what was changed there,
 * such as a role, can be asked for in any database.
 */
function filesByDatabase(
  count: DatabaseCount,
  known: readonly CatalogDatabase[],
): ReadonlyMap<number, ReadonlySet<FileNode>> {
  const found = new Map<number, Set<FileNode>>();
  const add = (database: string | undefined, node: FileNode): void => {
    const oid = Number(database);
    if (oid === 0 || !Number.isInteger(oid)) return;
    found.set(oid, (found.get(oid) ?? new Set()).add(node));
  };
  for (const node of count.changes.keys()) add(node.split('/')[1], node);
  // Only the last part is asked for, so the tablespace does not matter.
  for (const file of [...count.createdFiles, ...count.removedFiles])
    add(file.split('/')[0], `0/${file}` as FileNode);
  for (const oid of count.createdDatabases) if (!found.has(oid)) found.set(oid, new Set());
  const anyone = known.find((it) => it.name === 'postgres');
  if (found.size === 0 && anyone !== undefined) found.set(anyone.oid, new Set());
  return found;
}

function byFile(relations: readonly CatalogRelation[]): ReadonlyMap<FileNode, CatalogRelation> {
  return new Map(relations.map((it) => [it.node, it]));
}

/** A table whose rows are a client's: no catalog, no TOAST, no materialised view, which is made from others. */
export function isClientTable(relation: CatalogRelation): boolean {
  return (
    relation.kind === 'r' && relation.schema !== 'pg_catalog' && relation.schema !== 'information_schema'
  );
}
