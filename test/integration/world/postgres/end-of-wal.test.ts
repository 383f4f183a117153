/** The end of valid WAL as pg_waldump finds it in what crashes leave: zeros, torn records, full segments, recycled files. */
import { cp, mkdir, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { segmentFileName } from '../../../../src/core/divergence/wal-position.ts';
import { parseLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { findEndOfWal } from '../../../../src/world/postgres/end-of-wal.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { readWal } from '../../../../src/world/postgres/read-wal.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import { createPlayground, BIN_DIRECTORY, sql, type Playground } from '../../../support/postgres-cluster.ts';

const SEGMENT = 16_777_216;
const TIMELINE = 1 as TimelineId;
let playground: Playground;
let original: string;
let directory: string;
/** Where the server's WAL ended when it was killed, and where a segment was full before. */
let end: Lsn;
let switched: Lsn;

beforeAll(async () => {
  playground = await createPlayground();
  const server = await playground.createPrimary('pg1');
  original = join(server.postgres.dataDirectory, 'pg_wal');
  directory = join(playground.directory, 'wal');
  await sql(server, 'create table t as select i, repeat(i::text, 50) as s from generate_series(1, 5000) i');
  const [full] = await sql<{ lsn: string }>(server, 'select pg_switch_wal() as lsn');
  switched = ((BigInt(parseLsn(full?.lsn ?? '')) / BigInt(SEGMENT) + 1n) * BigInt(SEGMENT)) as Lsn;
  await sql(server, 'insert into t select i, repeat(i::text, 50) from generate_series(1, 5000) i');
  const [row] = await sql<{ lsn: string }>(server, 'select pg_current_wal_flush_lsn()::text as lsn');
  await killPostgres(server.postgres.dataDirectory, systemClock, 5);
  end = parseLsn(row?.lsn ?? '');
});
afterAll(async () => {
  await playground.remove();
});
beforeEach(async () => {
  await rm(directory, { recursive: true, force: true });
  await mkdir(directory);
  await cp(original, directory, { recursive: true });
});

async function find(near: Lsn, begin = 0n as Lsn): Promise<Lsn> {
  return findEndOfWal(localRunner, {
    files: new Set(await readdir(directory)),
    binDirectory: BIN_DIRECTORY,
    directory,
    timeline: TIMELINE,
    near,
    begin,
    segmentBytes: SEGMENT,
    timeoutMs: 10_000,
  });
}

function fileOf(lsn: bigint): string {
  return join(directory, segmentFileName(TIMELINE, lsn / BigInt(SEGMENT), SEGMENT));
}

async function overwrite(lsn: bigint, content: Buffer): Promise<void> {
  const file = await open(fileOf(lsn), 'r+');
  await file.write(content, 0, content.length, Number(lsn % BigInt(SEGMENT)));
  await file.close();
}

/** The last record that begins before `lsn`, by our own reading: another way than the one that is tried. */
async function lastBefore(lsn: bigint): Promise<Lsn> {
  let last = 0n as Lsn;
  const start = ((lsn / BigInt(SEGMENT)) * BigInt(SEGMENT)) as Lsn;
  const options = { paths: [fileOf(start)], start, segmentBytes: SEGMENT, timeoutMs: 10_000 };
  await readWal(options, (record) => {
    if (record.lsn < lsn) last = record.lsn;
  });
  return last;
}

test('zeros after the last record: its end, from whatever known position the search begins', async () => {
  for (const near of [end, (end - 100_000n) as Lsn, switched, (switched - 1_000n) as Lsn])
    expect(await find(near)).toBe(end);
});

test('a record torn at a page, where zeros follow, does not count', async () => {
  const page = (end - 200_000n) & ~8191n;
  const torn = await lastBefore(page);
  await overwrite(page, Buffer.alloc(300_000));
  expect(await find(end)).toBe(torn);
});

test('a record whose middle is damaged ends WAL before it', async () => {
  const damaged = await lastBefore(end - 50_000n);
  await overwrite(damaged + 30n, Buffer.alloc(16, 0xff));
  expect(await find(end)).toBe(damaged);
});

test('WAL that fills its segment ends with it, although the next file does not exist', async () => {
  await rm(fileOf(end));
  expect(await find((switched - 1_000n) as Lsn)).toBe(switched);
  expect(await find(switched)).toBe(switched);
});

test('what an earlier use left in a recycled segment is not WAL', async () => {
  await cp(fileOf(switched - 1n), fileOf(end));
  expect(await find(switched)).toBe(switched);
});

test('segments that were preallocated and never written are no WAL, whichever of them the folder lists first', async () => {
  await rm(directory, { recursive: true });
  await mkdir(directory);
  const used = (await readdir(original)).filter(
    (name) => name <= segmentFileName(TIMELINE, end / BigInt(SEGMENT), SEGMENT),
  );
  for (let ahead = 1n; ahead <= 8n; ahead += 1n)
    await writeFile(fileOf(end + ahead * BigInt(SEGMENT)), Buffer.alloc(SEGMENT));
  for (const name of used) await cp(join(original, name), join(directory, name), { recursive: true });
  expect(await find(end)).toBe(end);
  const next = ((end / BigInt(SEGMENT) + 1n) * BigInt(SEGMENT)) as Lsn;
  expect(await find(next)).toBe(end);
  expect(await lastBefore(end)).toBeGreaterThan(0n);
});

test('a file that was cut short gives an error and no end: no server leaves one', async () => {
  await truncate(fileOf(end), Number((end - 60_000n) % BigInt(SEGMENT)));
  await expect(find(end)).rejects.toMatchObject({ code: 'output-invalid' });
});

test('no valid record anywhere near is an error, never an end', async () => {
  for (const lsn of [end, switched - 1n, switched - 1n - BigInt(SEGMENT)])
    await rm(fileOf(lsn), { force: true });
  await expect(find(end, switched)).rejects.toMatchObject({ code: 'output-invalid' });
});
