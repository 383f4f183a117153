/** Which bundles wait for a person, from real folders. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import { summarizeSalvage } from '../../../../src/world/files/salvage-summary.ts';

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-salvage-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function bundle(
  name: string,
  clientTransactions: number,
  createdAt: number,
  mark?: string,
): Promise<void> {
  await mkdir(join(directory, name));
  const account = { clientTransactions, bytes: 4_096 };
  await writeFile(join(directory, name, 'account.json'), JSON.stringify({ account, createdAt }));
  if (mark !== undefined) await writeFile(join(directory, name, mark), '{}');
}

test('a bundle waits while it has client transactions and no mark; the oldest comes first', async () => {
  await bundle('r-2', 3, 2_000);
  await bundle('r-1', 5, 1_000);
  await bundle('r-3', 0, 3_000);
  await bundle('r-4', 7, 4_000, 'replayed.json');
  await bundle('r-5', 9, 5_000, 'acknowledged.json');
  await mkdir(join(directory, 'unfinished'));
  const summary = await summarizeSalvage(directory);
  expect(summary).toMatchObject(
    known([
      { incident: 'r-1', clientTransactions: 5, waiting: true },
      { incident: 'r-2', clientTransactions: 3, waiting: true },
      { incident: 'r-3', clientTransactions: 0, waiting: false },
      { incident: 'r-4', clientTransactions: 7, waiting: false },
      { incident: 'r-5', clientTransactions: 9, waiting: false },
    ]),
  );
});

test('no folder means no bundle', async () => {
  expect(await summarizeSalvage(join(directory, 'none'))).toEqual(known([]));
});

test('a bundle that cannot be read makes the whole unknown: nobody is told that nothing waits', async () => {
  await bundle('r-1', 5, 1_000);
  await mkdir(join(directory, 'r-2'));
  await writeFile(join(directory, 'r-2', 'account.json'), '{}');
  expect(await summarizeSalvage(directory)).toHaveProperty('kind', 'unknown');
});
