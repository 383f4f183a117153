/** Holds a whole bundle against the dumps of all databases: every row, every definition and every sequence that differs must be in it or named. */
import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { AccountContent } from '../../../src/core/model/account-content.ts';
import { qualifiedName, type SalvagedRow } from '../../../src/core/salvage/salvaged-row.ts';
import { unnamedValues } from './added-columns.ts';
import { databasesOf, relationsOf, type DumpedRelation } from './dump-relation.ts';
import { dumpBoth, type Dumps, type Sides } from './dump-both.ts';
import { judgeRelation, type RowTally } from './judge-relation.ts';
import { objectsOf, unnamedDefinitions, type FoundObject } from './named-definitions.ts';
import { sequencesOf, unnamedSequences } from './sequences.ts';

export interface RelationVerdict {
  readonly database: string;
  readonly relation: string;
  readonly tally: RowTally;
}

export interface Judgement {
  readonly relations: readonly RelationVerdict[];
  readonly definitions: number;
  readonly sequences: number;
  /** Every difference without a name, and everything in the bundle that is not so. */
  readonly faults: readonly string[];
}

interface DumpedTable {
  readonly database: string;
  readonly fork: DumpedRelation | undefined;
  readonly discarded: DumpedRelation | undefined;
  readonly survivor: DumpedRelation | undefined;
  readonly dumps: Dumps;
}

interface DumpedDatabase {
  readonly name: string;
  /** Null where that side has no such database. */
  readonly fork: DatabaseLook | null;
  readonly discarded: DatabaseLook | null;
  readonly tables: readonly DumpedTable[];
}

interface DatabaseLook {
  readonly objects: ReadonlyMap<string, FoundObject>;
  readonly sequences: ReadonlyMap<string, string>;
}

export type DumpedSides = readonly DumpedDatabase[];

/** Dumps all tables of all databases, while both servers run. */
export async function dumpSides(sides: Sides): Promise<DumpedSides> {
  const [atFork, discarded, onSurvivor] = await Promise.all(
    [sides.fork, sides.discarded, sides.survivor].map((it) => databasesOf(it)),
  );
  const all: DumpedDatabase[] = [];
  for (const name of new Set([...(atFork ?? []), ...(discarded ?? [])])) {
    const has = [atFork, discarded, onSurvivor].map((names) => names?.includes(name) === true);
    all.push(await dumpDatabase(sides, name, has));
  }
  return all;
}

async function dumpDatabase(sides: Sides, name: string, has: readonly boolean[]): Promise<DumpedDatabase> {
  const servers = [sides.fork, sides.discarded, sides.survivor];
  const none: ReadonlyMap<number, DumpedRelation> = new Map();
  const [fork, discarded, survivor] = await Promise.all(
    servers.map((server, index) => (has[index] === true ? relationsOf(server, name) : Promise.resolve(none))),
  );
  const tables: DumpedTable[] = [];
  for (const oid of new Set([...(fork ?? none).keys(), ...(discarded ?? none).keys()])) {
    const it = {
      database: name,
      fork: fork?.get(oid),
      discarded: discarded?.get(oid),
      survivor: survivor?.get(oid),
    };
    // An unlogged table is empty after a crash, and is never in the WAL.
    if ((it.fork ?? it.discarded)?.unlogged === true) continue;
    tables.push({ ...it, dumps: await dumpBoth(sides, it) });
  }
  const look = async (index: 0 | 1): Promise<DatabaseLook | null> => {
    const server = index === 0 ? sides.fork : sides.discarded;
    if (has[index] !== true) return null;
    return { objects: await objectsOf(server, name), sequences: await sequencesOf(server, name) };
  };
  return { name, tables, fork: await look(0), discarded: await look(1) };
}

/** Nothing of it needs the discarded side any more. */
export async function judgeBundle(
  sides: Sides,
  dumped: DumpedSides,
  bundle: string,
  content: AccountContent,
): Promise<Judgement> {
  const rows = await rowsByTable(bundle);
  const relations: RelationVerdict[] = [];
  const faults: string[] = [...missingSentences(content)];
  let definitions = 0;
  let sequences = 0;
  for (const database of dumped) {
    for (const table of database.tables) {
      const verdict = await judgeTable(sides, table, rows, content);
      relations.push(verdict);
      faults.push(...verdict.faults.map((text) => `${database.name}: ${verdict.relation}: ${text}`));
    }
    const others = judgeOthers(database, content);
    definitions += others.definitions;
    sequences += others.sequences;
    faults.push(...others.faults.map((text) => `${database.name}: ${text}`));
  }
  for (const key of rows.keys()) faults.push(`the bundle has rows of ${key}, which neither side has`);
  return { relations, definitions, sequences, faults };
}

async function judgeTable(
  sides: Sides,
  table: DumpedTable,
  rows: Map<string, SalvagedRow[]>,
  content: AccountContent,
): Promise<RelationVerdict & { readonly faults: readonly string[] }> {
  const { database, fork, discarded } = table;
  const one = discarded ?? fork;
  const relation = one === undefined ? '' : qualifiedName(one.schema, one.name);
  const replaced =
    content.definitions.some(
      (it) =>
        it.database === database && ['dropped', 'rewritten'].includes(it.change) && it.identity === relation,
    ) || databaseNamed(content, database);
  const key = `${database} ${relation}`;
  const own = rows.get(key) ?? [];
  rows.delete(key);
  const { tally, faults } = await judgeRelation(sides, { ...table, rows: own, replaced }, table.dumps);
  const values = await unnamedValues(table.dumps, { ...table, rows: own }, relation, content);
  return { database, relation, tally, faults: [...faults, ...values] };
}

/** A database that was dropped is named as a whole. */
function databaseNamed(content: AccountContent, database: string): boolean {
  return content.definitions.some(
    (it) => it.change === 'dropped' && it.type === 'database' && it.identity === database,
  );
}

function judgeOthers(
  { name, fork, discarded }: DumpedDatabase,
  content: AccountContent,
): { readonly definitions: number; readonly sequences: number; readonly faults: readonly string[] } {
  if (discarded === null)
    return {
      definitions: 1,
      sequences: 0,
      faults: databaseNamed(content, name) ? [] : ['the database was dropped, and nothing says so'],
    };
  const named = content.definitions.filter((it) => it.database === name || it.type === 'role');
  const none: DatabaseLook = { objects: new Map(), sequences: new Map() };
  const before = fork ?? { ...none, objects: sharedOf(discarded) };
  const objects = unnamedDefinitions(before.objects, discarded.objects, named);
  const moved = unnamedSequences(before.sequences, discarded.sequences, name, content.sequences);
  const born =
    fork !== null ||
    content.definitions.some(
      (it) => it.change === 'created' && it.type === 'database' && it.identity === name,
    );
  return {
    definitions: objects.differences + (fork === null ? 1 : 0),
    sequences: moved.differences,
    faults: [
      ...objects.unnamed,
      ...moved.unnamed,
      ...(born ? [] : ['the database was created, and nothing says so']),
    ],
  };
}

/** Roles are looked at where the database itself is older: they belong to all. */
function sharedOf({ objects }: DatabaseLook): ReadonlyMap<string, FoundObject> {
  return new Map([...objects].filter(([key]) => key.startsWith('pg_authid ')));
}

/** What no row can hold has a sentence each. */
function missingSentences({ notRecovered }: AccountContent): readonly string[] {
  const text = notRecovered.join('\n');
  const expected = [/public\.fleeting, an unlogged table/, /prepared transaction "left"/, /large objects/];
  return expected.filter((it) => !it.test(text)).map((it) => `nothing in the account says ${it.source}`);
}

async function rowsByTable(bundle: string): Promise<Map<string, SalvagedRow[]>> {
  const found = new Map<string, SalvagedRow[]>();
  for await (const line of createInterface({ input: createReadStream(join(bundle, 'rows.jsonl')) })) {
    const row = JSON.parse(line) as SalvagedRow;
    const key = `${row.database} ${row.relation}`;
    const list = found.get(key);
    if (list === undefined) found.set(key, [row]);
    else list.push(row);
  }
  return found;
}
