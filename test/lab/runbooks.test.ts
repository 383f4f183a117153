/** Every command of the runbooks, run on the hosts of a healthy lab: on the night it is needed, none may turn out wrong. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { poweredInit, runnerInside } from '../../src/lab/hosts/enter.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { labUp } from '../../src/lab/up/up.ts';
import { readShellBlocks } from '../support/rules/shell-blocks.ts';

const NAME = 'runbooks';
const TIMEOUT_MS = 20_000;
/** The primary and a standby, because what a person types must work on both. */
const HOSTS: Readonly<Record<string, readonly string[]>> = { database: ['pg1', 'pg2'], monitoring: ['mon'] };

const folder = join(import.meta.dirname, '../../runbooks');
const pages = await Promise.all(
  (await readdir(folder)).map(async (name) => ({ name, text: await readFile(join(folder, name), 'utf8') })),
);
const cases = pages.flatMap(({ name, text }) =>
  readShellBlocks(text).flatMap(({ on, script }, index) =>
    (HOSTS[on] ?? []).map((host) => ({ page: name, block: index + 1, host, script })),
  ),
);

beforeAll(async () => {
  await labDown(NAME);
  await labUp({ name: NAME, nodes: 2, profile: 'fast', policy: 'approve', sync: false }, () => undefined);
});

afterAll(async () => {
  await labDown(NAME);
});

test('there are commands to run', () => {
  expect(cases.length).toBeGreaterThan(50);
});

test.each(cases)('$page: block $block runs on $host', async ({ host, script }) => {
  const runner = runnerInside(await poweredInit(NAME, host));
  const result = await runner.run({ program: 'sh', arguments: ['-euc', script], timeoutMs: TIMEOUT_MS });
  expect(result).toMatchObject({ kind: 'done' });
});

test('the cluster is healthy after all of them', async () => {
  expect(healthProblem(await labStatus(NAME))).toBe(null);
});
