/** Durations are written the way Prometheus reads them. */
import { expect, test } from 'vitest';
import { duration } from '../../../../src/config/generate/duration.ts';

test.each([
  [1, '1s'],
  [15, '15s'],
  [0.25, '250ms'],
  [1.5, '1500ms'],
])('%d seconds are written as %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});
