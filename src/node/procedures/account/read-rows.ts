/** Reads rows by their places: last versions from the isolated server, versions of the fork from the survivor; nothing else of a table is read. */
import { placeOf, type PlaceKey } from '../../../core/divergence/track-rows.ts';
import { precedes } from '../../../core/divergence/wal-record.ts';
import { quoted, quotedName, type RowValues } from '../../../core/salvage/salvaged-row.ts';
import { errorText } from '../../../core/model/primacy-error.ts';
import type { CatalogRelation } from '../../../world/postgres/catalog-query.ts';
import { xidBetween } from '../../../world/postgres/catalog-query.ts';
import { psqlLines, type PsqlTarget } from '../../../world/postgres/psql-lines.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import { rowsOf } from '../../../world/postgres/survivor.ts';

export interface RowVersion {
  readonly place: PlaceKey;
  readonly xid: number;
  readonly values: RowValues;
}

/** Ranges of blocks in one statement: each is a scan of its own. */
const RANGES_MAX = 100;

/** What a row is asked for: place, transaction, then each column as text. An array has no limit of arguments, a function has. */
function columnsOf(relation: CatalogRelation): string {
  return `to_json(array[ctid::text, xmin::text${relation.columns.map((it) => `, ${quoted(it.name)}::text`).join('')}])`;
}

function versionOf(relation: CatalogRelation, fields: readonly (string | null)[]): RowVersion {
  const [place, xid, ...values] = fields;
  const [block = 0, offset = 0] = (place ?? '').slice(1, -1).split(',').map(Number);
  return {
    place: block * 512 + offset,
    xid: Number(xid),
    values: Object.fromEntries(relation.columns.map((it, index) => [it.name, values[index] ?? null])),
  };
}

/** Every visible row in these blocks that was written by a transaction between the two ids, in the order of blocks. */
export async function readVersions(
  target: PsqlTarget,
  relation: CatalogRelation,
  blocks: Iterable<number>,
  xids: { readonly first: number; readonly last: number },
  onRow: (row: RowVersion) => Promise<void>,
): Promise<void> {
  const statements: string[] = [];
  let ranges: string[] = [];
  const flush = (): void => {
    if (ranges.length > 0) statements.push(`${ranges.join('\nunion all ')};`);
    ranges = [];
  };
  for (const [first, end] of rangesOf(blocks)) {
    ranges.push(
      `select ${columnsOf(relation)} from only ${quotedName(relation.schema, relation.name)} t
        where ctid >= '(${first},0)' and ctid < '(${end},0)' and ${xidBetween('t', xids.first, xids.last)}`,
    );
    if (ranges.length === RANGES_MAX) flush();
  }
  flush();
  if (statements.length === 0) return;
  await psqlLines(target, statements.join('\n'), (line) =>
    onRow(versionOf(relation, JSON.parse(line) as (string | null)[])),
  );
}

/** Neighbours as `[first, end)`. */
function* rangesOf(blocks: Iterable<number>): Iterable<readonly [number, number]> {
  let first: number | null = null;
  let end = 0;
  for (const block of blocks) {
    if (first !== null && block === end) {
      end += 1;
      continue;
    }
    if (first !== null) yield [first, end];
    first = block;
    end = block + 1;
  }
  if (first !== null) yield [first, end];
}

export type OldVersions =
  | { readonly kind: 'known'; readonly rows: ReadonlyMap<PlaceKey, RowVersion> }
  | { readonly kind: 'unknown'; readonly reason: string };

/** The versions at these places on the survivor that are not newer than `lastXidBefore`: those are what both sides had at the fork. */
export async function readOldVersions(
  session: PostgresSession,
  relation: CatalogRelation,
  places: readonly PlaceKey[],
  lastXidBefore: number | null,
  limitMs: number,
): Promise<OldVersions> {
  if (lastXidBefore === null)
    return { kind: 'unknown', reason: 'the WAL does not tell which transactions are older than the fork' };
  const list = places.map((key) => placeOf(key)).map((it) => `"(${it.block},${it.offset})"`);
  const statement = {
    name: `primacy-old-${relation.oid}`,
    text: `select ${columnsOf(relation)} as fields from only ${quotedName(relation.schema, relation.name)} where ctid = any($1::text::tid[])`,
    values: [`{${list.join(',')}}`],
  };
  try {
    const rows = await rowsOf<{ readonly fields: (string | null)[] }>(session, statement, limitMs);
    const versions = rows.map((row) => versionOf(relation, row.fields));
    const old = versions.filter((it) => !precedes(lastXidBefore, it.xid));
    return { kind: 'known', rows: new Map(old.map((it) => [it.place, it])) };
  } catch (error) {
    return { kind: 'unknown', reason: errorText(error) };
  }
}
