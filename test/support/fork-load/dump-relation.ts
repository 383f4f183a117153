/** Whole tables of two servers as sorted files of one line a row, and how they differ: memory holds only the rows that differ. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { quoted, quotedName } from '../../../src/core/salvage/salvaged-row.ts';
import { psqlJson, psqlLines, type PsqlTarget } from '../../../src/world/postgres/psql-lines.ts';
import type { TestServer } from '../postgres-cluster.ts';

const LIMIT_MS = 900_000;
/** Longer values are compared by their digest. */
const LONG = 2_000;

export interface DumpedColumn {
  readonly number: number;
  readonly name: string;
}

export interface DumpedRelation {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly file: number;
  readonly unlogged: boolean;
  readonly columns: readonly DumpedColumn[];
}

const RELATIONS = `
  select json_build_object('oid', c.oid::bigint, 'schema', n.nspname, 'name', c.relname, 'file', pg_relation_filenode(c.oid)::bigint,
    'unlogged', c.relpersistence = 'u', 'columns', coalesce((select json_agg(json_build_object('number', a.attnum, 'name', a.attname) order by a.attnum)
      from pg_attribute a where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'))
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind = 'r' and c.relpersistence in ('p', 'u') and n.nspname not in ('pg_catalog', 'information_schema', 'primacy') and c.relname <> 'sr_delay'
  order by c.oid;`;

export function targetOf(server: TestServer, database: string): PsqlTarget {
  const { postgres, socketDirectory } = server;
  return { postgres, socketDirectory, port: postgres.port, database, timeoutMs: LIMIT_MS };
}

/** Databases that take connections, templates left out. */
export function databasesOf(server: TestServer): Promise<readonly string[]> {
  const query =
    'select to_json(datname) from pg_database where datallowconn and not datistemplate order by oid;';
  return psqlJson<string>(targetOf(server, 'postgres'), query);
}

/** Ordinary tables by their number, which both sides of a fork share. */
export async function relationsOf(
  server: TestServer,
  database: string,
): Promise<ReadonlyMap<number, DumpedRelation>> {
  const found = await psqlJson<DumpedRelation>(targetOf(server, database), RELATIONS);
  return new Map(found.map((it) => [it.oid, it]));
}

/** What a value is compared as. */
export function comparable(value: string | null): string | null {
  if (value === null || value.length <= LONG) return value;
  return `long ${createHash('md5').update(value).digest('hex')}`;
}

/** The same in SQL, for these columns as one JSON array. */
export function rowOf(columns: readonly DumpedColumn[]): string {
  const values = columns.map(({ name }) => {
    const text = `${quoted(name)}::text`;
    return `case when length(${text}) > ${LONG} then 'long ' || md5(${text}) else ${text} end`;
  });
  return values.length === 0 ? "'[]'::json" : `to_json(array[${values.join(', ')}])`;
}

/** A line as JavaScript writes the same array. */
export function canonical(line: string): string {
  return JSON.stringify(JSON.parse(line));
}

/** Writes every row of the table, sorted by its bytes. */
export async function dumpRelation(
  server: TestServer,
  database: string,
  relation: DumpedRelation,
  columns: readonly DumpedColumn[],
  file: string,
): Promise<number> {
  const raw = `${file}.raw`;
  const stream = createWriteStream(raw);
  let rows = 0;
  const query = `select ${rowOf(columns)} from only ${quotedName(relation.schema, relation.name)};`;
  await psqlLines(targetOf(server, database), query, async (line) => {
    rows += 1;
    if (!stream.write(`${line}\n`)) await once(stream, 'drain');
  });
  stream.end();
  await once(stream, 'finish');
  await finished('sort', ['-S', '200M', '-o', file, raw]);
  await rm(raw);
  return rows;
}

/** What is in `many` more often than in `other`, both sorted. */
export async function surplusOf(many: string, other: string): Promise<readonly string[]> {
  const lines: string[] = [];
  await finished('comm', ['-23', many, other], (line) => lines.push(canonical(line)));
  return lines;
}

async function finished(
  program: string,
  parameters: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<void> {
  const child = spawn(program, parameters, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) onLine(line);
  const [code] = (await exited) as unknown as readonly [number | null];
  if (code !== 0) throw new Error(`${program} ended with ${code}`);
}
