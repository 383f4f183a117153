/** A run that tested nothing, or skipped something, is a failure. */
import { describe, expect, it } from 'vitest';
import { countTests } from '../../../src/bootstrap/count-tests.js';

const report = (fields: Readonly<Record<string, number>>) =>
  JSON.stringify({ numPassedTests: 0, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0, ...fields });

describe('the count of a test report', () => {
  it.each([
    ['passed tests', report({ numPassedTests: 12 }), { passed: 12, failed: 0 }],
    ['failed tests', report({ numPassedTests: 10, numFailedTests: 2 }), { passed: 10, failed: 2 }],
    [
      'skipped tests as failed',
      report({ numPassedTests: 10, numPendingTests: 1, numTodoTests: 1 }),
      { passed: 10, failed: 2 },
    ],
    ['no test as a failure', report({}), { passed: 0, failed: 1 }],
    ['a missing report as a failure', null, { passed: 0, failed: 1 }],
    ['a report of something else as a failure', '{}', { passed: 0, failed: 1 }],
  ])('takes %s', (_what, text, count) => {
    expect(countTests(text)).toEqual(count);
  });
});
