/** Positions compare on one history alone. */
import { describe, expect, test } from 'vitest';
import { branchOf, standingOf, type Branch } from '../../../../src/core/guard/judge-rival.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';

const TWO: Branch = { timeline: 2, historyHash: 'aaaa' };
const OTHER_TWO: Branch = { timeline: 2, historyHash: 'bbbb' };
const ONE: Branch = { timeline: 1, historyHash: 'cccc' };

const me = { node: 'pg2' as NodeName, priority: 100, server: { lsn: '0/5000000' } };
const rival = (lsn: string, branch: Branch | null) => ({
  node: 'pg3' as NodeName,
  priority: 100,
  server: { lsn, timeline: branch?.timeline ?? null, historyHash: branch?.historyHash ?? null },
});
const AHEAD = '0/6000000';
const BEHIND = '0/4000000';

describe('on one history', () => {
  test('the greater position is better', () => {
    expect(standingOf(rival(AHEAD, TWO), me, TWO, TWO)).toBe('better');
    expect(standingOf(rival(BEHIND, TWO), me, TWO, TWO)).toBe('not-better');
  });

  test('so it is taken where a history is not known: what is not known never permits', () => {
    expect(standingOf(rival(AHEAD, null), me, TWO, TWO)).toBe('better');
    expect(standingOf(rival(AHEAD, ONE), me, null, TWO)).toBe('better');
  });
});

describe('on two histories', () => {
  test.each([ONE, OTHER_TWO])(
    'a rival that left the last primary’s is none, however far it wrote',
    (theirs) => {
      for (const lsn of [AHEAD, BEHIND])
        expect(standingOf(rival(lsn, theirs), me, TWO, TWO)).toBe('not-better');
    },
  );

  test('a rival on the last primary’s is better, also where it has less', () => {
    expect(standingOf(rival(BEHIND, TWO), me, ONE, TWO)).toBe('better');
  });

  test('neither can be preferred where nobody knows which is the last primary’s', () => {
    expect(standingOf(rival(BEHIND, ONE), me, TWO, null)).toBe('cannot-compare');
    expect(standingOf(rival(AHEAD, ONE), me, OTHER_TWO, TWO)).toBe('cannot-compare');
  });
});

describe('data of another epoch', () => {
  const of = (epoch: number | null, lsn: string) => ({ ...rival(lsn, ONE).server, dataEpoch: epoch });

  test('the later one is better, whatever else is known and however little it wrote', () => {
    for (const last of [ONE, TWO, null]) {
      const mine = { ...me, server: { ...me.server, dataEpoch: 3 } };
      expect(standingOf({ ...rival(BEHIND, ONE), server: of(4, BEHIND) }, mine, TWO, last)).toBe('better');
      expect(standingOf({ ...rival(AHEAD, ONE), server: of(2, AHEAD) }, mine, TWO, last)).toBe('not-better');
    }
  });

  test('of one epoch, or where one is not known, the histories tell', () => {
    for (const [own, theirs] of [[3, 3], [null, 4], [3, null]] as const) {
      const mine = { ...me, server: { ...me.server, dataEpoch: own } };
      const other = { ...rival(AHEAD, ONE), server: of(theirs, AHEAD) };
      expect(standingOf(other, mine, TWO, TWO)).toBe('not-better');
      expect(standingOf(other, mine, TWO, ONE)).toBe('better');
    }
  }); // prettier-ignore
});

test('half of a history is none', () => {
  expect(branchOf(2, null)).toBeNull();
  expect(branchOf(null, 'aaaa')).toBeNull();
  expect(branchOf(2, 'aaaa')).toEqual(TWO);
});
