/** Turns one database's changes into rows: each changed row once, with what it was at the fork and what it is now. */
import type { BitSet } from '../../../core/divergence/bit-set.ts';
import {
  placeOf,
  type FileRows,
  type PlaceKey,
  type RowTracker,
} from '../../../core/divergence/track-rows.ts';
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import { qualifiedName, withoutUnchanged, type SalvagedRow } from '../../../core/salvage/salvaged-row.ts';
import type { CatalogRelation } from '../../../world/postgres/catalog-query.ts';
import type { PsqlTarget } from '../../../world/postgres/psql-lines.ts';
import { isClientTable, type ChangedDatabase } from './name-changes.ts';
import { readOldVersions, readVersions, type OldVersions, type RowVersion } from './read-rows.ts';

export interface RowSource {
  readonly bundle: string;
  readonly database: ChangedDatabase;
  readonly target: PsqlTarget;
  readonly tracker: RowTracker;
  readonly committed: BitSet;
  /** Files made after the fork, as `database/filenode`. */
  readonly created: ReadonlySet<string>;
  readonly xids: { readonly first: number; readonly last: number };
  readonly lastXidBefore: number | null;
  readonly limitMs: number;
}

export type RowSink = (row: SalvagedRow, relation: CatalogRelation) => Promise<void>;

/** Rows and bytes whose old versions are asked for at once. */
const BATCH_ROWS = 500;
const BATCH_BYTES = 8_000_000;

/** Gives every row to `sink`; returns what could not be asked, in sentences. */
export async function salvageRows(source: RowSource, sink: RowSink): Promise<readonly string[]> {
  const problems = new Set<string>();
  for (const [node, rows] of source.tracker.files()) {
    const own = source.database.own.get(node);
    const relation = own ?? source.database.theirs.get(node);
    if (relation === undefined || !isClientTable(relation)) continue;
    const file = new TableRows(source, node, relation, rows, problems, sink);
    await file.deleted();
    if (own !== undefined) await file.written();
  }
  return [...problems];
}

class TableRows {
  readonly #source: RowSource;
  readonly #name: string;
  readonly #relation: CatalogRelation;
  readonly #theirs: CatalogRelation | undefined;
  readonly #isCreated: boolean;
  readonly #file: number;
  readonly #rows: FileRows;
  readonly #problems: Set<string>;
  readonly #sink: RowSink;

  constructor(
    source: RowSource,
    node: FileNode,
    relation: CatalogRelation,
    rows: FileRows,
    problems: Set<string>,
    sink: RowSink,
  ) {
    this.#source = source;
    this.#relation = relation;
    this.#name = qualifiedName(relation.schema, relation.name);
    this.#isCreated = source.created.has(node.slice(node.indexOf('/') + 1));
    this.#file = Number(node.slice(node.lastIndexOf('/') + 1));
    this.#theirs = source.database.theirs.get(node);
    this.#rows = rows;
    this.#problems = problems;
    this.#sink = sink;
  }

  async deleted(): Promise<void> {
    const { deleted, crowded } = this.#rows;
    for (let begin = 0; begin < deleted.length; begin += BATCH_ROWS) {
      const batch = deleted.slice(begin, begin + BATCH_ROWS);
      const old = await this.#oldVersions(batch.map((it) => it.origin));
      for (const { origin, xid } of batch) {
        const before = old.kind === 'known' ? (old.rows.get(origin)?.values ?? null) : null;
        const row = this.#row('delete', before, null, xid, origin);
        const why = crowded.has(placeOf(origin).block) ? INSERTED_MAYBE : GONE;
        await this.#sink(before === null ? { ...row, missing: why } : row, this.#relation);
      }
    }
  }

  async written(): Promise<void> {
    const { target, xids, committed } = this.#source;
    let batch: RowVersion[] = [];
    let bytes = 0;
    const flush = async (): Promise<void> => {
      const rows = batch;
      batch = [];
      bytes = 0;
      await this.#flush(rows);
    };
    await readVersions(target, this.#relation, this.#rows.blocks.values(), xids, async (row) => {
      if (!committed.has(row.xid)) return;
      batch.push(row);
      for (const value of Object.values(row.values)) bytes += value?.length ?? 0;
      if (batch.length >= BATCH_ROWS || bytes >= BATCH_BYTES) await flush();
    });
    await flush();
  }

  async #flush(batch: readonly RowVersion[]): Promise<void> {
    const { updated } = this.#rows;
    const origins = batch.flatMap((it) => updated.get(it.place) ?? []);
    const old = origins.length === 0 ? NOTHING : await this.#oldVersions(origins);
    for (const { place, xid, values } of batch) {
      const origin = updated.get(place);
      const before = old.kind === 'known' && origin !== undefined ? old.rows.get(origin)?.values : undefined;
      const action = origin === undefined ? 'insert' : 'update';
      const row = this.#row(action, before ?? null, values, xid, origin);
      await this.#sink(withoutUnchanged(row), this.#relation);
    }
  }

  async #oldVersions(places: readonly PlaceKey[]): Promise<OldVersions> {
    const { database, lastXidBefore, limitMs } = this.#source;
    if (this.#theirs === undefined) return NOTHING;
    const old = await readOldVersions(database.session, this.#theirs, places, lastXidBefore, limitMs);
    if (old.kind === 'unknown')
      this.#problems.add(
        `old versions of rows of ${database.name}: ${this.#name}: the survivor could not be asked (${old.reason})`,
      );
    return old;
  }

  #row(
    action: SalvagedRow['action'],
    before: SalvagedRow['before'],
    after: SalvagedRow['after'],
    xid: number,
    origin: PlaceKey | undefined,
  ): SalvagedRow {
    const { bundle, database, tracker } = this.#source;
    const at = tracker.committedAt(xid);
    return {
      bundle,
      database: database.name,
      relation: this.#name,
      action,
      before,
      after,
      xid,
      at: at === null ? null : new Date(at).toISOString(),
      // In a file that was made after the fork no row of the fork has a place.
      place: origin === undefined || this.#isCreated ? null : { file: this.#file, ...placeOf(origin) },
    };
  }
}

const NOTHING: OldVersions = { kind: 'known', rows: new Map() };
const GONE = 'neither side has its old version any more';
const INSERTED_MAYBE = 'neither side has an old version; it may have been inserted after the fork';

/** The first and the last transaction of a set in the order of ids, which wraps around. */
export function xidRange(committed: BitSet): { readonly first: number; readonly last: number } | null {
  const xids = committed.values()[Symbol.iterator]();
  const begin = xids.next();
  if (begin.done === true) return null;
  let first = begin.value;
  let last = begin.value;
  for (const xid of { [Symbol.iterator]: () => xids }) {
    if (((xid - first) | 0) < 0) first = xid;
    if (((xid - last) | 0) > 0) last = xid;
  }
  return { first, last };
}
