/** What is kept of a lab whose drill failed is what its hosts wrote, and not their data. */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepEvidence } from '../../../../src/lab/drills/evidence.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-evidence-'));
});
afterEach(() => rm(directory, { recursive: true }));

async function wrote(path: string, bytes: number): Promise<void> {
  const file = join(directory, 'hosts', path);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, Buffer.alloc(bytes, 'x'));
}

test('logs and journals of each host are kept, a rescued segment and the data are not', async () => {
  await wrote('pg1/log/postgresql/main.log', 10);
  await wrote('pg1/lib/primacy/journal.jsonl', 20);
  await wrote('pg1/lib/primacy/rescue/000000010000000000000003', 16_777_216);
  await wrote('pg1/lib/postgresql/15/main/PG_VERSION', 3);
  await wrote('mon/log/prometheus.log', 30);
  const folder = join(directory, 'kept', 'partition-1');
  await keepEvidence(join(directory, 'hosts'), folder);
  const kept = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = kept
    .filter((it) => it.isFile())
    .map((it) => join(it.parentPath, it.name).slice(folder.length));
  expect(files.toSorted()).toEqual([
    '/mon/log/prometheus.log',
    '/pg1/lib/primacy/journal.jsonl',
    '/pg1/log/postgresql/main.log',
  ]);
  expect(await readFile(join(folder, 'pg1/lib/primacy/journal.jsonl'), 'utf8')).toBe('x'.repeat(20));
});
