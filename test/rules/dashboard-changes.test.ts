/** The judgement of the dashboards' lab test: what counts as a picture that changes. */
import { expect, test } from 'vitest';
import { changes } from '../support/lab-prometheus.ts';

const series = (...values: readonly (readonly [number, string])[]) => ({ metric: {}, values });

test.each([
  ['a value that stays', [series([1, '0'], [2, '0'], [3, '0'])], false],
  ['no series at all', [], false],
  ['a value that changes', [series([1, '0'], [2, '1'], [3, '1'])], true],
  ['a series that comes', [series([2, '1'], [3, '1'])], true],
  [
    'one of two that changes',
    [series([1, '0'], [2, '0'], [3, '0']), series([1, '0'], [2, '0'], [3, '1'])],
    true,
  ],
])('%s', (_what, answer, changed) => {
  expect(changes(answer, 1_000, 3_000)).toBe(changed);
});
