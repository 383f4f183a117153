/** WAL of a real server, read byte by byte, tells what pg_waldump tells, and ends where pg_waldump ends. */
import { cp, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { segmentBegin, segmentFileName } from '../../../../src/core/divergence/wal-position.ts';
import { MANAGER } from '../../../../src/core/divergence/wal-record.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { readWal, type ReadWal } from '../../../../src/world/postgres/read-wal.ts';
import { AFTER, BEFORE, psql } from '../../../support/fork-ground.ts';
import { told, waldump, type ToldRecord } from '../../../support/pg-waldump.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
} from '../../../support/postgres-cluster.ts';

/** The smallest segments, so that records cross many. */
const SEGMENT = 1_048_576;
const TIMELINE = 1 as TimelineId;
let playground: Playground;
let original: string;
let directory: string;
let records: readonly ToldRecord[];
/** Of the oldest file that initdb left. */
let start: Lsn;

const MORE = `
  create index on big (n); create index on item using gin (to_tsvector('simple', text)); create index on item using brin (id);
  begin; insert into item (id, text) values (500, 'promised'); savepoint a; insert into item (id, text) values (501, 'inner');
    create table dropped_soon (id serial primary key); prepare transaction 'a "gid"; subxacts: 1';
  begin; insert into item (id, text) values (502, 'x'); savepoint a; drop table made; prepare transaction 'kept';
  begin; insert into item (id, text) values (503, 'x'); prepare transaction 'not kept';
  commit prepared 'kept'; rollback prepared 'not kept';
  begin; savepoint a; update item set text = 'undone'; rollback to a; savepoint b; truncate emptied; rollback;
  select pg_logical_emit_message(true, 'long', repeat('x', 3500000));
  select pg_switch_wal();
  copy loose from program 'seq 1 5000 | sed "s/$/\\tmany/"';
  vacuum (freeze) loose; reindex table parts_1; cluster parts_1 using parts_1_pkey;
  create database other; create database copied strategy file_copy; drop database other; checkpoint;
  create materialized view seen as select * from item; refresh materialized view seen;`;

beforeAll(async () => {
  playground = await createPlayground();
  const settings = ['max_prepared_transactions = 5', 'wal_level = logical', 'wal_compression = pglz'];
  const server = await playground.createPrimary('pg1', settings, ['--wal-segsize=1']);
  await psql(server, `${BEFORE}\nset lock_timeout = '10s';${AFTER}\n${MORE}`);
  await stopServer(server, 'fast');
  await startServer(server);
  await psql(server, "update item set text = 'after the start'; begin; insert into item (id) values (900);");
  await sql(server, "select pg_logical_emit_message(false, 'no', 'more')");
  await stopServer(server, 'immediate');
  original = join(server.postgres.dataDirectory, 'pg_wal');
  const [oldest = ''] = (await readdir(original)).toSorted();
  start = segmentBegin(BigInt(`0x${oldest.slice(-8)}`), SEGMENT);
  records = waldump(original, TIMELINE, start);
}, 120_000);
afterAll(async () => {
  await playground.remove();
});
beforeEach(async () => {
  directory = join(playground.directory, 'wal');
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await cp(original, directory, { recursive: true });
});

async function read(from: Lsn): Promise<ReadWal & { readonly records: readonly ToldRecord[] }> {
  const names = (await readdir(directory)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  const first = segmentFileName(TIMELINE, from / BigInt(SEGMENT), SEGMENT);
  const paths = names.filter((name) => name >= first).map((name) => join(directory, name));
  const found: ToldRecord[] = [];
  const options = { paths, start: from, segmentBytes: SEGMENT, timeoutMs: 60_000 };
  const end = await readWal(options, (record) => found.push(told(record)));
  return { ...end, records: found };
}

async function overwrite(lsn: bigint, content: Uint8Array): Promise<void> {
  const path = join(directory, segmentFileName(TIMELINE, lsn / BigInt(SEGMENT), SEGMENT));
  const file = await open(path, 'r+');
  await file.write(content, 0, content.length, Number(lsn % BigInt(SEGMENT)));
  await file.close();
}

/** What both say now. */
async function both(): Promise<readonly (readonly Lsn[])[]> {
  const ours = await read(start);
  return [ours.records, waldump(directory, TIMELINE, start)].map((it) => it.map(({ lsn }) => lsn));
}

test('every record, with its blocks, rows, ends, files and transaction ids', async () => {
  const ours = await read(start);
  expect(ours.records.length).toBeGreaterThan(5_000);
  expect(ours.records).toHaveLength(records.length);
  const different = ours.records.findIndex((it, index) => !isDeepStrictEqual(it, records[index]));
  expect([ours.records[different], records[different]]).toEqual([undefined, undefined]);
});

test('the ground holds what it is there for: each kind of record that we read', () => {
  const managers = new Set(records.map((it) => it.manager));
  for (const manager of [
    MANAGER.xlog,
    MANAGER.transaction,
    MANAGER.storage,
    MANAGER.database,
    MANAGER.standby,
    MANAGER.heap2,
    MANAGER.heap,
    MANAGER.sequence,
    MANAGER.logicalMessage,
  ])
    expect(managers).toContain(manager);
  expect(new Set(records.map((it) => it.change?.kind))).toEqual(
    new Set([undefined, 'insert', 'update', 'delete', 'multi-insert']),
  );
  expect(new Set(records.map((it) => it.end?.kind))).toEqual(
    new Set([undefined, 'commit', 'abort', 'prepare']),
  );
  expect(records.some((it) => (it.end?.removedFiles.length ?? 0) > 0)).toBe(true);
  expect(records.some((it) => it.lengthBytes > 3 * SEGMENT)).toBe(true);
});

test('from anywhere on: the first record is the first one that begins there', async () => {
  for (const [index, { lsn }] of records.entries()) {
    if (index % 2_801 !== 5) continue;
    for (const from of [lsn, (lsn + 1n) as Lsn, ((lsn / 8192n) * 8192n) as Lsn])
      expect((await read(from)).records[0]?.lsn).toBe(records.find((it) => it.lsn >= from)?.lsn);
  }
}, 60_000);

test('a record whose bytes were changed ends it, and so does a page that was not written', async () => {
  const hurt = records[Math.floor(records.length / 2)]?.lsn ?? start;
  await overwrite(hurt + 26n, Uint8Array.of(0xa5));
  const [ours, theirs] = await both();
  expect(ours).toEqual(theirs);
  expect(ours?.at(-1)).toBeLessThan(hurt);
  const page = (hurt / 8192n - 2n) * 8192n;
  await overwrite(page, new Uint8Array(8192));
  const again = await both();
  expect(again[0]).toEqual(again[1]);
  expect(again[0]?.at(-1)).toBeLessThan(page);
});

test('what an earlier use left in a file is not read', async () => {
  const page = ((records.at(-1)?.lsn ?? start) / 8192n - 20n) * 8192n;
  const path = join(original, segmentFileName(TIMELINE, page / BigInt(SEGMENT), SEGMENT));
  const file = await open(path, 'r');
  const { buffer } = await file.read(Buffer.alloc(8192), 0, 8192, Number(page % BigInt(SEGMENT)));
  await file.close();
  await overwrite(page + 8192n, buffer);
  const [ours, theirs] = await both();
  expect(ours).toEqual(theirs);
  expect(ours?.at(-1)).toBeLessThan(page + 8192n);
});

test('a missing, a short and an empty file are the end; a file of another version is an error', async () => {
  const middle = records[Math.floor(records.length / 2)]?.lsn ?? start;
  const path = join(directory, segmentFileName(TIMELINE, middle / BigInt(SEGMENT), SEGMENT));
  const file = await open(path, 'r+');
  await file.truncate(Math.floor(Number(middle % BigInt(SEGMENT)) / 8192) * 8192);
  await file.close();
  expect((await stat(path)).size).toBeLessThan(SEGMENT);
  const short = await read(start);
  expect(short.why).toContain('shorter than a segment');
  expect(short.records.at(-1)?.lsn).toBeLessThan(middle);
  await overwrite(start, Uint8Array.of(0x0d, 0xd1));
  await expect(read(start)).rejects.toThrow('expected a page of PostgreSQL 15 to 18');
});

test('the last record ends where the server says that it has written to', async () => {
  const { end, why } = await read(start);
  expect(why).toContain('no record at');
  expect(end).toBeGreaterThan(records.at(-1)?.lsn ?? start);
});
