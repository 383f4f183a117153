/** The scrape's budget leaves time for the way back and never trusts the header blindly. */
import { expect, test } from 'vitest';
import { scrapeBudgetMillis } from '../../../src/node/scrape-budget.ts';

test.each([
  ['1', 800],
  ['10', 9_500],
  ['0.5', 400],
  ['3600', 9_500],
  [undefined, 9_500],
  ['-1', 9_500],
  ['soon', 9_500],
])('a header of %s gives %i ms', (header, expected) => {
  expect(scrapeBudgetMillis(header)).toBe(expected);
});
