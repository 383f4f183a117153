/** A fence of a writable server is told from all others, and from what was before. */
import { expect, test } from 'vitest';
import { hasFence } from '../../../../src/lab/measure/fenced-writable.ts';

const line = (fields: object): string => `${JSON.stringify({ at: 2_000, step: 'fence', ...fields })}\n`;
const WRITABLE = { detail: 'PostgreSQL is writable without the lease' };

test.each([
  ['one of a writable server', line(WRITABLE), true],
  ['one that came before', line({ ...WRITABLE, at: 999 }), false],
  ['one for another reason', line({ detail: 'the VIP is here without the lease' }), false],
  ['a join after a refused promotion', line({ ...WRITABLE, step: 'join' }), false],
  ['a line that is not finished', line(WRITABLE).slice(0, -1), false],
  ['nothing', '', false],
])('%s', (_case, journal, expected) => {
  expect(hasFence(journal, 1_000)).toBe(expected);
});
