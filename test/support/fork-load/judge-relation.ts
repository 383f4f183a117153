/** Holds the rows of a bundle against one table at the fork, on the discarded side at its end, and on the survivor. */
import { quotedName, type RowValues, type SalvagedRow } from '../../../src/core/salvage/salvaged-row.ts';
import { psqlJson } from '../../../src/world/postgres/psql-lines.ts';
import type { TestServer } from '../postgres-cluster.ts';
import type { Dumps, Sides } from './dump-both.ts';
import {
  canonical,
  comparable,
  rowOf,
  surplusOf,
  targetOf,
  type DumpedColumn,
  type DumpedRelation,
} from './dump-relation.ts';

/** Each is a number of rows. */
export interface RowTally {
  /** Differences between the fork and the discarded side's end: rows that are new or other, and rows that are gone or other. */
  readonly come: number;
  readonly gone: number;
  readonly inserted: number;
  /** Updates whose old version is in the bundle, and those where it is named by its place. */
  readonly updated: number;
  readonly updatedNamed: number;
  readonly deleted: number;
  readonly deletedNamed: number;
  /** Gone with a table that was dropped, truncated or written anew, which the account names. */
  readonly withTable: number;
  /** Named by place, and the survivor still has that very version somewhere else in a table that it wrote anew. */
  readonly elsewhere: number;
  /** Inserted after the fork and gone again, which a bundle may name without need. */
  readonly needless: number;
  readonly unnamed: number;
}

export interface RelationCase {
  readonly database: string;
  readonly fork: DumpedRelation | undefined;
  readonly discarded: DumpedRelation | undefined;
  readonly survivor: DumpedRelation | undefined;
  /** Rows of the bundle that bear its name. */
  readonly rows: readonly SalvagedRow[];
  /** Whether the account names it as dropped or rewritten. */
  readonly replaced: boolean;
}

export interface Verdict {
  readonly tally: RowTally;
  /** A sentence for each difference that has no name, and each row of the bundle that is not so; the first few of each kind. */
  readonly faults: readonly string[];
}

const SHOWN = 5;
const PLACES_MAX = 500;

/** Compares. The server at the fork, and the survivor, are asked for the places that the bundle names. */
export async function judgeRelation(sides: Sides, it: RelationCase, dumps: Dumps): Promise<Verdict> {
  const judge = new Judge(it, dumps.common);
  for (const line of await surplusOf(dumps.discardedFile, dumps.forkFile)) judge.come(line);
  for (const line of await surplusOf(dumps.forkFile, dumps.discardedFile)) judge.gone(line);
  const atFork = await versionsAt(sides.fork, it.database, it.fork, dumps.common, it.rows);
  const sameFile = it.survivor !== undefined && it.survivor.file === it.fork?.file;
  const unnamed = it.rows.filter((row) => row.action !== 'insert' && row.before === null);
  const onSurvivor = sameFile
    ? await versionsAt(sides.survivor, it.database, it.survivor, dumps.common, unnamed)
    : new Map<string, string>();
  for (const row of it.rows) judge.row(row, atFork, onSurvivor);
  return judge.verdict();
}

function placeText({ place }: SalvagedRow): string {
  return place === null ? '' : `(${place.block},${place.offset})`;
}

/** The rows that lie at the places of these rows, by place; what is not there is left out. */
async function versionsAt(
  server: TestServer,
  database: string,
  relation: DumpedRelation | undefined,
  common: readonly DumpedColumn[],
  rows: readonly SalvagedRow[],
): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  if (relation === undefined) return found;
  const columns = common.flatMap(({ number }) => relation.columns.filter((own) => own.number === number));
  if (columns.length < common.length) return found;
  const places = rows.map((row) => placeText(row)).filter((text) => text !== '');
  for (let begin = 0; begin < places.length; begin += PLACES_MAX) {
    const list = places.slice(begin, begin + PLACES_MAX).map((text) => `"${text}"`);
    const query = `select json_build_object('place', ctid::text, 'row', ${rowOf(columns)}) from only ${quotedName(relation.schema, relation.name)}
      where ctid = any('{${list.join(',')}}'::tid[]);`;
    const answers = await psqlJson<{ place: string; row: unknown }>(targetOf(server, database), query);
    for (const answer of answers) found.set(answer.place, JSON.stringify(answer.row));
  }
  return found;
}

type Counts = { -readonly [K in keyof RowTally]: RowTally[K] };

class Judge {
  readonly #case: RelationCase;
  readonly #common: readonly DumpedColumn[];
  /** How much more often a row is on the discarded side than fork and bundle together explain. */
  readonly #balance = new Map<string, number>();
  readonly #faults: string[] = [];
  readonly #counts: Counts = {
    come: 0,
    gone: 0,
    inserted: 0,
    updated: 0,
    updatedNamed: 0,
    deleted: 0,
    deletedNamed: 0,
    withTable: 0,
    elsewhere: 0,
    needless: 0,
    unnamed: 0,
  };

  constructor(it: RelationCase, common: readonly DumpedColumn[]) {
    this.#case = it;
    this.#common = common;
  }

  come(line: string): void {
    this.#counts.come += 1;
    this.#add(line, 1);
  }

  gone(line: string): void {
    this.#counts.gone += 1;
    this.#add(line, -1);
  }

  row(row: SalvagedRow, atFork: ReadonlyMap<string, string>, onSurvivor: ReadonlyMap<string, string>): void {
    const old = row.action === 'insert' ? undefined : atFork.get(placeText(row));
    if (row.after !== null) this.#add(this.#line(row.after, this.#case.discarded, row, old), -1);
    if (row.action === 'insert') {
      this.#counts.inserted += 1;
      return;
    }
    if (old !== undefined) this.#add(old, 1);
    if (row.before === null) this.#named(row, old, onSurvivor.get(placeText(row)));
    else {
      this.#counts[row.action === 'update' ? 'updated' : 'deleted'] += 1;
      const before = this.#line(row.before, this.#case.fork, row, old);
      if (before !== old)
        this.#fault(`the old version at ${placeText(row)} is ${before}, and was ${old ?? 'none'}`);
    }
  }

  verdict(): Verdict {
    for (const [line, count] of this.#balance) {
      if (count === 0) continue;
      // What goes with a table that is named as dropped or rewritten needs no place of its own; what came has to be there all the same.
      if (count < 0 && this.#case.replaced) this.#counts.withTable -= count;
      else {
        this.#counts.unnamed += Math.abs(count);
        this.#fault(
          `${count > 0 ? 'not in the bundle' : 'gone without a name, or claimed and not there'}: ${line}`,
        );
      }
    }
    return { tally: this.#counts, faults: this.#faults.slice(0, SHOWN) };
  }

  #named(row: SalvagedRow, old: string | undefined, still: string | undefined): void {
    const isUpdate = row.action === 'update';
    if (old === undefined) {
      if (row.place === null && !this.#case.replaced)
        this.#fault(`a ${row.action} of transaction ${row.xid} has neither old version nor place`);
      this.#counts.needless += 1;
      return;
    }
    this.#counts[isUpdate ? 'updatedNamed' : 'deletedNamed'] += 1;
    if (still === old)
      this.#fault(
        `the old version at ${placeText(row)} is only named, and the survivor still has it: ${old}`,
      );
    else if (this.#case.survivor !== undefined && this.#case.survivor.file !== this.#case.fork?.file)
      this.#counts.elsewhere += 1;
  }

  /** Columns in the order of the dump; long values that an update left out are those of the version at the fork. */
  #line(
    values: RowValues,
    relation: DumpedRelation | undefined,
    row: SalvagedRow,
    old: string | undefined,
  ): string {
    const oldValues = old === undefined ? [] : (JSON.parse(old) as (string | null)[]);
    const texts = this.#common.map(({ number }, index) => {
      const name = relation?.columns.find((column) => column.number === number)?.name ?? '';
      if (row.unchanged?.includes(name) === true) return oldValues[index] ?? null;
      return comparable(values[name] ?? null);
    });
    return canonical(JSON.stringify(texts));
  }

  #add(line: string, count: number): void {
    this.#balance.set(line, (this.#balance.get(line) ?? 0) + count);
  }

  #fault(text: string): void {
    this.#faults.push(text.slice(0, 400));
  }
}
