/** The deadline on tmpfs: one line that is whole or nothing. */
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { isEntitling, readLeaseFile, writeLeaseFile } from '../../../../src/world/files/lease-file.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-lease-file-'));
  path = join(directory, 'lease');
});
afterEach(() => rm(directory, { recursive: true }));

const LEASE = { deadlineCs: 1_212_345, epoch: 7, node: 'pg10' as NodeName };

test('what was written is read, by everybody on the host, and nothing else is left', async () => {
  expect(await readLeaseFile(path)).toEqual({ kind: 'known', value: null });
  writeLeaseFile(path, LEASE);
  expect(await readFile(path, 'utf8')).toBe('1212345 7 pg10\n');
  expect(await readLeaseFile(path)).toEqual({ kind: 'known', value: LEASE });
  expect((await stat(path)).mode & 0o777).toBe(0o644);
  expect(await readdir(directory)).toEqual(['lease']);
});

test('cut off anywhere it is unknown, which is no lease', async () => {
  const line = '1212345 7 pg10\n';
  for (let length = 0; length < line.length; length += 1) {
    await writeFile(path, line.slice(0, length));
    expect(await readLeaseFile(path)).toMatchObject({ kind: 'unknown' });
  }
});

test.each([
  '\n',
  '-5 7 pg1\n',
  '1e9 7 pg1\n',
  '5 7 pg1\n5 7 pg1\n',
  ' 5 7 pg1\n',
  '5.5 7 pg1\n',
  '5 7 p g\n',
])('%j is unknown', async (text) => {
  await writeFile(path, text);
  expect(await readLeaseFile(path)).toMatchObject({ kind: 'unknown' });
});

test('it entitles the node that it names, until its deadline', () => {
  const soon = Math.ceil(bootMillis() / 10) + 6_000;
  expect(isEntitling({ ...LEASE, deadlineCs: soon }, 'pg10')).toBe(true);
  expect(isEntitling({ ...LEASE, deadlineCs: soon }, 'pg1')).toBe(false);
  expect(isEntitling({ ...LEASE, deadlineCs: Math.floor(bootMillis() / 10) }, 'pg10')).toBe(false);
  expect(isEntitling({ ...LEASE, deadlineCs: 0 }, 'pg10')).toBe(false);
});
