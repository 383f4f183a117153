/** Whom a candidate is compared with: only a standby that is heard and hears could take its place. */
import { describe, expect, it } from 'vitest';
import { rivalsAmong } from '../../../../src/core/guard/choose-successor.ts';
import { NOW, other, PG1, PG3, serverReport } from '../../../support/duty-snapshot.ts';

const FRESH_MS = 1_500;
const rivals = (...others: readonly ReturnType<typeof other>[]) =>
  rivalsAmong(others, NOW, FRESH_MS).map((rival) => rival.node);

describe('the rivals of a candidate', () => {
  it('are the adopted standbys that speak and answer', () => {
    expect(rivals(other(PG1), other(PG3))).toEqual([PG1, PG3]);
  });

  it.each([
    ['is not heard any more', { ...other(PG1), heardAt: NOW - 1_501 }],
    [
      'is heard and has not answered for long: it may hear nobody',
      { ...other(PG1), answer: other(PG1, {}, NOW - 1_501).answer },
    ],
    ['is heard and never answered', { ...other(PG1), answer: null }],
    ['is not adopted', other(PG1, { adopted: false })],
    ['is a primary', other(PG1, { server: serverReport('primary', '0/3000000') })],
    ['has no server', other(PG1, { server: null })],
  ])('are without one that %s', (_what, without) => {
    expect(rivals(without, other(PG3))).toEqual([PG3]);
  });
});
