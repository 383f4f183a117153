/** Columns that were added after the fork: what changed rows hold there is in the bundle, and what all other rows hold must be named. */
import { writeFile } from 'node:fs/promises';
import type { AccountContent } from '../../../src/core/model/account-content.ts';
import type { SalvagedRow } from '../../../src/core/salvage/salvaged-row.ts';
import { comparable, surplusOf, type DumpedColumn, type DumpedRelation } from './dump-relation.ts';
import type { Dumps } from './dump-both.ts';

/** One sentence for each column whose value in an unchanged row nothing tells. */
export async function unnamedValues(
  dumps: Dumps,
  table: { readonly discarded: DumpedRelation | undefined; readonly rows: readonly SalvagedRow[] },
  relation: string,
  content: AccountContent,
): Promise<readonly string[]> {
  const { whole } = dumps;
  if (whole === null) return [];
  const columns = table.discarded?.columns ?? [];
  const inBundle = `${whole}-bundle`;
  const lines = table.rows.flatMap((row) => (row.after === null ? [] : [lineOf(row.after, columns)]));
  await writeFile(
    inBundle,
    lines
      .toSorted(byBytes)
      .map((line) => `${line}\n`)
      .join(''),
  );
  const rest = (await surplusOf(whole, inBundle)).map((line) => JSON.parse(line) as (string | null)[]);
  return columns.flatMap((column, index) => {
    if (dumps.common.includes(column) || dumps.common.some((it) => it.number === column.number)) return [];
    const values = new Set(rest.map((row) => row[index] ?? null));
    return [...values]
      .filter((value) => value !== null && !isNamed(content, relation, column, value))
      .map((value) => `unchanged rows have ${JSON.stringify(value)} in the added column ${column.name}`);
  });
}

function isNamed(content: AccountContent, relation: string, column: DumpedColumn, value: string): boolean {
  return content.notRecovered.some(
    (text) => text.includes(relation) && text.includes(column.name) && text.includes(JSON.stringify(value)),
  );
}

/** As PostgreSQL writes an array of texts as JSON, where no text needs an escape that the two write in another way. */
function lineOf(values: NonNullable<SalvagedRow['after']>, columns: readonly DumpedColumn[]): string {
  return JSON.stringify(columns.map(({ name }) => comparable(values[name] ?? null)));
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
