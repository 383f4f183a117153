/** How soon a duty that failed is tried again. */
import { expect, test } from 'vitest';
import { createPacing } from '../../../../src/node/keeper/pacing.ts';

test('what is urgent is tried again at once, however often it failed', () => {
  const pacing = createPacing();
  for (let count = 0; count < 20; count += 1) pacing.failed('fence', 1_000);
  expect(pacing.mayRun('fence', 1_050)).toBe(false);
  expect(pacing.mayRun('fence', 1_100)).toBe(true);
});

test('what is not waits longer with each failure, to a limit, and no longer once it succeeded', () => {
  const pacing = createPacing();
  pacing.failed('join', 0);
  expect(pacing.mayRun('join', 199)).toBe(false);
  expect(pacing.mayRun('join', 200)).toBe(true);
  pacing.failed('join', 0);
  expect(pacing.mayRun('join', 399)).toBe(false);
  for (let count = 0; count < 20; count += 1) pacing.failed('join', 0);
  expect(pacing.mayRun('join', 9_999)).toBe(false);
  expect(pacing.mayRun('join', 10_000)).toBe(true);
  expect(pacing.mayRun('start', 0)).toBe(true);
  pacing.succeeded('join');
  expect(pacing.mayRun('join', 0)).toBe(true);
});
