/** What a server once was as a primary is forgotten when it is seen on another timeline: its death is not proven by that any more. */
import { expect, test } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { stillOn } from '../../../../src/node/keeper/own-report.ts';

const REIGN = { timeline: known(3), lsn: parseLsn('0/3000060'), synchronous: null };
const NAMELESS = { ...REIGN, timeline: unknown('not read') };

test.each([
  ['on the same timeline', known(3), REIGN, REIGN],
  ['on another one', known(4), REIGN, null],
  ['on one that it does not tell', unknown('in recovery'), REIGN, REIGN],
  ['after a reign on a timeline that it did not tell', known(4), NAMELESS, NAMELESS],
  ['without a reign', known(4), null, null],
])('%s', (_where, timeline, reign, expected) => {
  expect(stillOn(timeline, reign)).toBe(expected);
});
