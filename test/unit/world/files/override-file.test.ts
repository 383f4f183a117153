/** A person's override on tmpfs: whole, or none. */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  readOverrideFile,
  removeOverrideFile,
  writeOverrideFile,
} from '../../../../src/world/files/override-file.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-override-file-'));
  path = join(directory, 'override');
});
afterEach(() => rm(directory, { recursive: true }));

const OVERRIDE = {
  epoch: 7,
  uuid: 'u-7',
  untilMs: 5_000_000,
  reason: 'pg1 "burnt" down',
  at: '2026-11-21T12:00:00.000Z',
};

test('what was written is read, and nothing else is left; what was removed is none', async () => {
  expect(await readOverrideFile(path)).toEqual({ kind: 'known', value: null });
  writeOverrideFile(path, OVERRIDE);
  writeOverrideFile(path, OVERRIDE);
  expect(await readOverrideFile(path)).toEqual({ kind: 'known', value: OVERRIDE });
  expect(await readdir(directory)).toEqual(['override']);
  removeOverrideFile(path);
  removeOverrideFile(path);
  expect(await readOverrideFile(path)).toEqual({ kind: 'known', value: null });
});

test('cut off anywhere, or with a value that cannot be, it is unknown, which is no override', async () => {
  const text = JSON.stringify(OVERRIDE);
  for (let length = 0; length < text.length; length += 1) {
    await writeFile(path, text.slice(0, length));
    expect((await readOverrideFile(path)).kind).toBe('unknown');
  }
  for (const wrong of [
    { epoch: -1 },
    { uuid: '' },
    { untilMs: '5' },
    { untilMs: 1.5 },
    { reason: null },
    { at: 0 },
  ]) {
    await writeFile(path, JSON.stringify({ ...OVERRIDE, ...wrong }));
    expect((await readOverrideFile(path)).kind).toBe('unknown');
  }
});
