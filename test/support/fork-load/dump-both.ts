/** One table at the fork and on the discarded side, dumped so that the two can be compared, and kept for when the latter is down. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TestServer } from '../postgres-cluster.ts';
import { dumpRelation, type DumpedColumn, type DumpedRelation } from './dump-relation.ts';

export interface Sides {
  readonly fork: TestServer;
  readonly discarded: TestServer;
  readonly survivor: TestServer;
  readonly scratch: string;
}

export interface DumpedSideTables {
  readonly database: string;
  readonly fork: DumpedRelation | undefined;
  readonly discarded: DumpedRelation | undefined;
}

export interface Dumps {
  /** Columns that both sides have; of a table that one side lacks, the other's. */
  readonly common: readonly DumpedColumn[];
  readonly forkFile: string;
  readonly discardedFile: string;
  /** All columns of the discarded side, where it has more than the fork. */
  readonly whole: string | null;
}

/** Dumps the table at the fork and on the discarded side; the comparison needs neither of them to run any more. */
export async function dumpBoth(sides: Sides, it: DumpedSideTables): Promise<Dumps> {
  const one = it.fork ?? it.discarded;
  if (one === undefined) throw new Error('a table that no side has');
  const common = one.columns.filter(
    ({ number }) =>
      (it.fork?.columns.some((other) => other.number === number) ?? true) &&
      (it.discarded?.columns.some((other) => other.number === number) ?? true),
  );
  const file = (side: string): string =>
    join(sides.scratch, `${Buffer.from(it.database).toString('hex')}-${one.oid}-${side}`);
  const hasMore = it.fork !== undefined && (it.discarded?.columns.length ?? 0) > common.length;
  const dumps = {
    common,
    forkFile: file('fork'),
    discardedFile: file('discarded'),
    whole: hasMore ? file('whole') : null,
  };
  await dumpOrEmpty(sides.fork, it.database, it.fork, common, dumps.forkFile);
  await dumpOrEmpty(sides.discarded, it.database, it.discarded, common, dumps.discardedFile);
  if (dumps.whole !== null)
    await dumpOrEmpty(sides.discarded, it.database, it.discarded, it.discarded?.columns ?? [], dumps.whole);
  return dumps;
}

async function dumpOrEmpty(
  server: TestServer,
  database: string,
  relation: DumpedRelation | undefined,
  wanted: readonly DumpedColumn[],
  file: string,
): Promise<void> {
  if (relation === undefined) {
    await writeFile(file, '');
    return;
  }
  const columns = wanted.flatMap(({ number }) => relation.columns.filter((own) => own.number === number));
  await dumpRelation(server, database, relation, columns, file);
}
