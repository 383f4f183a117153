/** Goal: what was acknowledged is not lost. Method: kill -9 right behind the 202; and the system calls in the order they were made. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../../support/free-port.ts';
import {
  prepareResponder,
  removeResponder,
  startResponder,
  type ResponderProcess,
} from '../../support/responder-process.ts';
import { newFingerprint, webhookBody } from '../../support/webhook-body.ts';

const KILLS = 5;

let directory: string;
let port: number;
let running: ResponderProcess | null = null;

beforeEach(async () => {
  port = await freePort();
  directory = await prepareResponder(port);
});

afterEach(async () => {
  await running?.kill();
  running = null;
  await removeResponder(directory);
});

it('loses no acknowledged message to a kill -9 in the same moment', async () => {
  const acknowledged: string[] = [];
  for (let round = 0; round < KILLS; round += 1) {
    running = await startResponder(directory, port);
    const fingerprint = newFingerprint();
    const response = await running.post(webhookBody({ cluster: 'main', fingerprint }));
    expect(response.status).toBe(202);
    await running.kill();
    acknowledged.push(fingerprint);
  }
  const store = new DatabaseSync(join(directory, 'store.sqlite'));
  const rows = store.prepare('select fingerprint from alert order by notification_id').all();
  store.close();
  expect(rows.map((row) => row['fingerprint'])).toEqual(acknowledged);
});

it('syncs the message to disk before it writes the 202', async () => {
  const trace = join(directory, 'trace');
  running = await startResponder(directory, port, [
    'strace',
    '-f',
    '-y',
    '-s',
    '64',
    '-e',
    'trace=write,writev,pwrite64,fsync,fdatasync,sendto,sendmsg',
    '-o',
    trace,
  ]);
  const before = (await readFile(trace, 'utf8')).length;
  const fingerprint = newFingerprint();
  expect((await running.post(webhookBody({ cluster: 'main', fingerprint }))).status).toBe(202);
  await running.kill();
  const calls = (await readFile(trace, 'utf8')).slice(before).split('\n');
  const written = calls.findIndex((call) => /pwrite64\(\d+<[^>]*store\.sqlite-wal>/.test(call));
  const acknowledged = calls.findIndex((call) => call.includes('HTTP/1.1 202'));
  expect(written).toBeGreaterThan(-1);
  expect(acknowledged).toBeGreaterThan(written);
  const lastWrite = calls.findLastIndex(
    (call, index) => index < acknowledged && /pwrite64\(\d+<[^>]*store\.sqlite-wal>/.test(call),
  );
  const synced = calls.findIndex(
    (call, index) => index > lastWrite && /(fsync|fdatasync)\(\d+<[^>]*store\.sqlite-wal>\)\s+= 0/.test(call),
  );
  expect(synced).toBeGreaterThan(lastWrite);
  expect(synced).toBeLessThan(acknowledged);
});
