/** `primacy switchover` as a person uses it: refused with a sentence where it must be, else there and back without a lost row. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { labDown } from '../../src/lab/down.ts';
import { labAccount } from '../../src/lab/measure/account.ts';
import { healthProblem } from '../../src/lab/measure/health.ts';
import { labStatus } from '../../src/lab/measure/status.ts';
import { eventually, output, sh, startLab } from '../support/lab.ts';

const NAME = 'switchover';

/** `observe`: what a person asked for includes that the old primary follows. */
beforeAll(async () => {
  await labDown(NAME);
  await startLab(NAME, { policy: 'observe' });
});
afterAll(() => labDown(NAME));

test.each([
  ['on the standby it names the primary', 'pg2', 'primacy switchover', 'pg1 holds the lease, not pg2'],
  ['to nobody that is known', 'pg1', 'primacy switchover --to pg9', 'no standby named pg9 is heard'],
  ['to itself', 'pg1', 'primacy switchover --to pg1', 'pg1 is the primary'],
])('refused: %s', async (_case, host, command, words) => {
  expect(await sh(NAME, host, command)).toMatchObject({
    kind: 'failed',
    exitCode: 10,
    stderr: expect.stringContaining(words),
  });
  expect(healthProblem(await labStatus(NAME))).toBeNull();
});

test.each([
  ['there', 'pg1', 'pg2'],
  ['and back', 'pg2', 'pg1'],
])('%s: %s hands over to %s and follows it', async (_way, from, to) => {
  const answer = JSON.parse(await output(NAME, from, `primacy switchover --to ${to} --json`)) as unknown;
  expect(answer).toMatchObject({ switched: true, code: 'switched', successor: to, exitCode: 0 });
  const recovery = 'runuser -u postgres -- psql -XAtc "select pg_is_in_recovery()"';
  expect(await output(NAME, to, recovery)).toBe('f');
  await eventually(`a whole cluster behind ${to}`, async () => healthProblem(await labStatus(NAME)) === null);
  expect(await output(NAME, from, recovery)).toBe('t');
});

test('no row is lost, and none was accepted by two', async () => {
  expect(await labAccount(NAME)).toMatchObject({ nowhere: 0, onlyInBundle: 0, dualPrimarySeconds: 0 });
});
