/** Proves by system-call trace that marker, manifests and WAL copies are on disk before the answer leaves the process. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const CHILD = join(import.meta.dirname, '../../../support/procedure-child.ts');
const LIMIT_MILLIS = 120_000;

let playground: Playground;
let trace: readonly string[];

/** One line per finished call, in the order of their ends; strace splits a call that another thread interrupts. */
function finishedCalls(text: string): readonly string[] {
  const begun = new Map<string, string>();
  return text.split('\n').flatMap((line) => {
    const [, pid = '', call = ''] = /^(\d+) +(.*)$/.exec(line) ?? [];
    const unfinished = /^(.*) <unfinished \.\.\.>$/.exec(call);
    if (unfinished?.[1] !== undefined) {
      begun.set(pid, unfinished[1]);
      return [];
    }
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(call);
    return [resumed === null ? call : `${begun.get(pid) ?? ''}${resumed[1] ?? ''}`];
  });
}

beforeAll(async () => {
  playground = await createPlayground();
  const one = await playground.createPrimary('pg1');
  const two: TestServer = await playground.createStandby('pg2', one);
  await promoteServer(two);
  await sql(two, 'create table lost as select 1 as one');
  const task = {
    directory: playground.directory,
    own: two,
    servers: [one, two],
    survivor: one,
    fenceOnly: false,
    dieAt: 0,
  };
  const file = join(playground.directory, 'trace');
  const calls = 'trace=fsync,fdatasync,rename,renameat,renameat2,write';
  // Threads are followed, children are not: PostgreSQL, once started, would never end.
  const strace = [
    '-f',
    '-b',
    'execve',
    '-y',
    '-e',
    calls,
    '-o',
    file,
    process.execPath,
    CHILD,
    JSON.stringify(task),
  ];
  await promisify(execFile)('strace', strace, { timeout: LIMIT_MILLIS });
  trace = finishedCalls(await readFile(file, 'utf8'));
}, LIMIT_MILLIS);
afterAll(async () => {
  await playground.remove();
});

/** Index of the next call after `from` that matches; fails where there is none. */
function next(pattern: RegExp, from: number): number {
  const index = trace.findIndex((call, at) => at > from && pattern.test(call));
  expect(index, `no call ${pattern} after call ${from}`).toBeGreaterThan(from);
  return index;
}

test.each([
  ['the fence marker', 'pg2-state/fence.json', 'pg2-state'],
  ['the account', 'salvage/r-1/account.json', 'salvage/r-1'],
  ['the discarded history', 'wal/00000002.history', 'r-1/wal'],
  ['the rows', 'salvage/r-1/rows.jsonl', 'salvage/r-1'],
  ['the rejoin manifest', 'pg2-state/rejoin.json', 'pg2-state'],
])('%s is synced, renamed and its folder synced before the answer', (_title, file, folder) => {
  const renamed = trace.findIndex((call) => call.startsWith('rename') && call.includes(`${file}"`));
  expect(renamed).toBeGreaterThan(0);
  const temporary = /^rename\w*\((?:[^"]*)"([^"]+)"/.exec(trace[renamed] ?? '')?.[1] ?? 'none';
  const synced = trace.findIndex((call) => call.startsWith('fsync(') && call.includes(`<${temporary}>`));
  expect(synced).toBeGreaterThanOrEqual(0);
  expect(synced).toBeLessThan(renamed);
  const folderSynced = next(new RegExp(String.raw`^fsync\(\d+<[^>]*${folder}>\) += 0`), renamed);
  expect(next(/^write\(1<.*"\{/, folderSynced)).toBeGreaterThan(folderSynced);
});

test('pg_rewind changes the first file only after the bundle is complete', () => {
  const bundle = next(/^rename.*account\.json"/, -1);
  const marked = next(/^rename.*rejoin\.json"/, bundle);
  // The rows were taken from an isolated standby, whose signal came earlier; the last one is that of the rewound directory.
  expect(
    trace.findLastIndex((call) => call.startsWith('rename') && call.includes('data/standby.signal"')),
  ).toBeGreaterThan(marked);
});
