/** A node is adopted, is not, or nobody can say. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { EpochMillis, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import { readAdoption, removeAdoption, writeAdoption } from '../../../../src/world/files/adoption.ts';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-adoption-'));
  path = join(directory, 'adoption.json');
});
afterEach(() => rm(directory, { recursive: true }));

test('what was written is read, until it is removed', async () => {
  const adoption = {
    at: 1_795_262_000_000 as EpochMillis,
    node: 'pg1' as NodeName,
    systemIdentifier: '7300000000000000001' as SystemIdentifier,
  };
  expect(await readAdoption(path)).toEqual({ kind: 'known', value: null });
  await writeAdoption(path, adoption);
  expect(await readAdoption(path)).toEqual({ kind: 'known', value: adoption });
  await removeAdoption(path);
  expect(await readAdoption(path)).toEqual({ kind: 'known', value: null });
});

test.each(['', '{', '{"at":1,"node":"pg1"}', '{"at":"now","node":"pg1","systemIdentifier":"1"}', 'null'])(
  '%j is unknown',
  async (text) => {
    await writeFile(path, text);
    expect(await readAdoption(path)).toMatchObject({ kind: 'unknown' });
  },
);
