/** Every command of the runbooks, run on the hosts of a healthy lab: on the night it is needed, none may turn out wrong. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { sh, startLab } from '../support/lab.ts';
import { readShellBlocks } from '../support/rules/shell-blocks.ts';

const NAME = 'runbooks';
/** The primary and a standby, because what a person types must work on both. */
const HOSTS: Readonly<Record<string, readonly string[]>> = { database: ['pg1', 'pg2'], monitoring: ['mon'] };

/** What answers by its exit code, where that is not 0 on a healthy cluster: no failover is accepted while the primary is well. */
const EXIT_CODES: ReadonlyMap<string, number> = new Map([['primacy diagnose --failover', 1]]);

const folder = join(import.meta.dirname, '../../runbooks');
const pages = await Promise.all(
  (await readdir(folder)).map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
);
const blocks = pages.flatMap(({ name, text }) =>
  readShellBlocks(text).flatMap(({ on, script }) =>
    (HOSTS[on] ?? []).map((host) => ({ name, host, script })),
  ),
);
/** The same commands stand in several runbooks; on each host they are run once. */
const cases = [...Map.groupBy(blocks, ({ host, script }) => `on ${host}: ${script}`).values()].map(
  ([first, ...others]) => ({ ...first, pages: [first, ...others].map((it) => it?.name).join(', ') }),
);

beforeAll(async () => {
  await labDown(NAME);
  await startLab(NAME);
});

afterAll(async () => {
  await labDown(NAME);
});

test('every runbook has commands to run', () => {
  expect(new Set(blocks.map(({ name }) => name)).size).toBe(pages.length);
});

test.each(cases)('on $host, $pages: $script', async ({ host, script }) => {
  const result = await sh(NAME, host ?? '', `set -eu\n${script}`);
  const exitCode = EXIT_CODES.get(script?.trim() ?? '') ?? 0;
  expect(result).toMatchObject(exitCode === 0 ? { kind: 'done' } : { kind: 'failed', exitCode });
});

test('the cluster is healthy after all of them', async () => {
  expect(healthProblem(await labStatus(NAME))).toBe(null);
});
