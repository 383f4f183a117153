/** Writes the rows of a bundle: as JSON lines for programs, and for each database as SQL that puts them into the survivor. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { RowTracker } from '../../../core/divergence/track-rows.ts';
import type { ChangedSequence } from '../../../core/model/account-content.ts';
import {
  replayHead,
  replayLine,
  replayRelations,
  replayTail,
  type ReplayRelation,
} from '../../../core/salvage/replay-sql.ts';
import { qualifiedName, type SalvagedRow } from '../../../core/salvage/salvaged-row.ts';
import { createHashedFile, type FileSum, type HashedFile } from '../../../world/files/hashed-file.ts';
import type { CatalogRelation } from '../../../world/postgres/catalog-query.ts';
import { tableKey, type RowCounts } from './describe-content.ts';
import { isClientTable, type ChangedDatabase } from './name-changes.ts';
import { salvageRows, type RowSource } from './salvage-rows.ts';

/** In the bundle. */
export const ROWS_FILE = 'rows.jsonl';
export const REPLAY_FOLDER = 'replay';

/** The file of one database's SQL; a database's name may hold anything. */
export function replayFile(database: string): string {
  return `${REPLAY_FOLDER}/${encodeURIComponent(database)}.sql`;
}

export interface WrittenRows {
  readonly sums: Readonly<Record<string, FileSum>>;
  readonly counts: RowCounts;
  readonly notRecovered: readonly string[];
}

export interface RowsToWrite {
  readonly directory: string;
  readonly name: string;
  readonly databases: readonly ChangedDatabase[];
  readonly sequences: readonly ChangedSequence[];
  readonly lastXidBefore: number | null;
  readonly tracker: RowTracker;
  readonly sourceOf: (database: ChangedDatabase) => RowSource;
}

/** Each file gets its name when it is whole. Rejects with the system's error where the disk is full. */
export async function writeRows(it: RowsToWrite): Promise<WrittenRows> {
  await mkdir(join(it.directory, REPLAY_FOLDER), { recursive: true, mode: 0o700 });
  const counts = new Map<string, { insert: number; update: number; delete: number }>();
  const notRecovered: string[] = [];
  const sums: Record<string, FileSum> = {};
  const all = await createHashedFile(join(it.directory, ROWS_FILE));
  try {
    for (const database of it.databases) {
      const file = replayFile(database.name);
      const sql = await createHashedFile(join(it.directory, file));
      try {
        notRecovered.push(...(await writeDatabase(it, database, all, sql, counts)));
        sums[file] = await sql.complete();
      } finally {
        await sql.discard();
      }
    }
    sums[ROWS_FILE] = await all.complete();
  } finally {
    await all.discard();
  }
  return { sums, counts, notRecovered };
}

async function writeDatabase(
  it: RowsToWrite,
  database: ChangedDatabase,
  all: HashedFile,
  sql: HashedFile,
  counts: Map<string, { insert: number; update: number; delete: number }>,
): Promise<readonly string[]> {
  const relations = replayRelationsOf(database, it.tracker);
  await sql.write(replayHead(it.name, database.name, it.lastXidBefore));
  await sql.write(replayRelations([...relations.values()]));
  const sink = async (row: SalvagedRow): Promise<void> => {
    const key = tableKey(row.database, row.relation);
    const count = counts.get(key) ?? { insert: 0, update: 0, delete: 0 };
    count[row.action] += 1;
    counts.set(key, count);
    await all.write(`${JSON.stringify(row)}\n`);
    const relation = relations.get(row.relation);
    const line = relation === undefined ? null : replayLine(row, relation);
    if (line !== null) await sql.write(line);
  };
  const problems = await salvageRows(it.sourceOf(database), sink);
  const sequences = it.sequences.filter((sequence) => sequence.database === database.name);
  await sql.write(replayTail(it.name, sequences));
  return problems;
}

/** By `schema.table`. Columns are those of the discarded side, whose rows are put back. */
function replayRelationsOf(
  database: ChangedDatabase,
  tracker: RowTracker,
): ReadonlyMap<string, ReplayRelation> {
  const found = new Map<string, ReplayRelation>();
  for (const node of tracker.files().keys()) {
    const own = database.own.get(node);
    const theirs = database.theirs.get(node);
    const relation: CatalogRelation | undefined = own ?? theirs;
    if (relation === undefined || !isClientTable(relation)) continue;
    const name = qualifiedName(relation.schema, relation.name);
    if (own === undefined && found.has(name)) continue;
    found.set(name, {
      relation: name,
      columns: relation.columns.filter((column) => !column.generated).map((column) => column.name),
      key: relation.key,
    });
  }
  return found;
}
