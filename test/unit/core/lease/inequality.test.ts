/** The sum that a promotion waits for, and what breaks it. */
import { expect, test } from 'vitest';
import { checkInequality, type LeaseTerms } from '../../../../src/core/lease/inequality.ts';

const TERMS: LeaseTerms = {
  leaseSeconds: 1.6,
  clockDriftPercent: 1,
  deadManSeconds: 0.2,
  killSeconds: 0.4,
  marginSeconds: 0.4,
  promotionWaitSeconds: 2.616,
};

test('lease × (1 + drift) + dead-man + kill + margin may be as long as the promotion wait', () => {
  expect(checkInequality(TERMS).holds).toBe(true);
});

test.each([
  ['leaseSeconds', 1.61],
  ['clockDriftPercent', 1.1],
  ['deadManSeconds', 0.21],
  ['killSeconds', 0.41],
  ['marginSeconds', 0.41],
  ['promotionWaitSeconds', 2.615],
] as const)('a little more of %s breaks it', (term, value) => {
  expect(checkInequality({ ...TERMS, [term]: value }).holds).toBe(false);
});

test('the sum is written out for people', () => {
  expect(checkInequality(TERMS).text).toBe(
    'leaseSeconds 1.6 x (1 + clockDriftPercent 1/100) + deadManSeconds 0.2 + killSeconds 0.4 + marginSeconds 0.4 = 2.616, promotionWaitSeconds 2.616',
  );
});
