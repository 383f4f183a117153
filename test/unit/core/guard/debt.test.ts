/** A holder that was never promoted still owes the WAL of the primary before it, and hands on what that one proved. */
import { describe, expect, test } from 'vitest';
import { debtOf, inheritedProof } from '../../../../src/core/guard/debt.ts';
import type { DeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';

const lsn = parseLsn;
const OWED = {
  timeline: parseTimelineId(3),
  endLsn: lsn('0/3000060'),
  synchronous: { names: 'ANY 1 (*)', degraded: false, strangers: 0 },
};
const OWN: Pick<DeathCertificate, 'timeline' | 'endLsn' | 'synchronous'> = {
  timeline: parseTimelineId(3),
  endLsn: lsn('0/3000000'),
  synchronous: null,
};

describe('what a holder owes', () => {
  test.each([
    ['less than the end of that WAL', { timeline: 3, lsn: lsn('0/300005F') }, OWED.endLsn],
    ['all of it', { timeline: 3, lsn: lsn('0/3000060') }, null],
    ['more on an older timeline', { timeline: 2, lsn: lsn('0/4000000') }, OWED.endLsn],
    ['a timeline of its own, as after a promotion', { timeline: 4, lsn: lsn('0/3000010') }, null],
    ['nobody knows what', { timeline: null, lsn: null }, OWED.endLsn],
    ['nobody knows how much', { timeline: 3, lsn: null }, OWED.endLsn],
  ])('where it has %s', (_what, reached, expected) => {
    expect(debtOf(known(OWED), reached)).toEqual(known(expected));
  });

  test('is nothing for a holder that succeeded nobody, and not known where it cannot be read', () => {
    expect(debtOf(known(null), { timeline: null, lsn: null })).toEqual(known(null));
    expect(debtOf(unknown('not JSON'), { timeline: 4, lsn: null })).toEqual(unknown('not JSON'));
  });
});

describe('what the death of a holder proves', () => {
  test('is its own end where it succeeded nobody, or was promoted', () => {
    expect(inheritedProof(null, OWN)).toBe(OWN);
    const promoted = { ...OWN, timeline: parseTimelineId(4) };
    expect(inheritedProof(OWED, promoted)).toBe(promoted);
  });

  test('is what the primary before it proved, where it lacks any of that', () => {
    expect(inheritedProof(OWED, OWN)).toBe(OWED);
    expect(inheritedProof(OWED, { ...OWN, timeline: parseTimelineId(2), endLsn: lsn('0/4000000') })).toBe(
      OWED,
    );
  });

  test('is its own end where it has all of that, and still how the commits of that primary waited', () => {
    const own = { ...OWN, endLsn: lsn('0/3000080') };
    expect(inheritedProof(OWED, own)).toEqual({ ...own, synchronous: OWED.synchronous });
  });
});
