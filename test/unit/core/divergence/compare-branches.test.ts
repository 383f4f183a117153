/** Tables of histories: where two of them part does not depend on which timeline number is higher. */
import { describe, expect, test } from 'vitest';
import type { Branch } from '../../../../src/core/divergence/branch.ts';
import { stretchesOf, timelineAt } from '../../../../src/core/divergence/branch.ts';
import { compareBranches } from '../../../../src/core/divergence/compare-branches.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import { parseHistory, parseTimelineId } from '../../../../src/core/model/timeline.ts';

const branch = (timeline: number, history = ''): Branch => ({
  timeline: parseTimelineId(timeline),
  history: parseHistory(history.replaceAll(';', '\n')),
});

describe('compareBranches', () => {
  const cases: readonly [string, Branch, Branch, string][] = [
    [
      'a promoted node and its old primary part at the promotion',
      branch(2, '1 0/300'),
      branch(1),
      'parted 0/300',
    ],
    [
      'two promotions at different positions part at the earlier',
      branch(2, '1 0/300'),
      branch(2, '1 0/500'),
      'parted 0/300',
    ],
    ['the same with different numbers', branch(3, '1 0/500'), branch(2, '1 0/300'), 'parted 0/300'],
    [
      'a cascade parts where its first difference is',
      branch(3, '1 0/300;2 0/500'),
      branch(2, '1 0/300'),
      'parted 0/500',
    ],
    ['one timeline on both sides proves nothing', branch(1), branch(1), 'same 0/0'],
    ['equal histories prove nothing either', branch(2, '1 0/300'), branch(2, '1 0/300'), 'same 0/300'],
    [
      'different numbers from one position part there',
      branch(2, '1 0/300'),
      branch(3, '1 0/300'),
      'parted 0/300',
    ],
  ];
  test.each(cases)('%s', (_title, one, other, expected) => {
    const [kind, lsn = ''] = expected.split(' ');
    const at = parseLsn(lsn);
    const result = kind === 'same' ? { kind, begin: at } : { kind, at };
    expect(compareBranches(one, other)).toEqual(result);
    expect(compareBranches(other, one)).toEqual(result);
  });
});

test('a history that goes backwards is refused', () => {
  expect(() => stretchesOf(branch(3, '1 0/500;2 0/300'))).toThrow('ascending order');
  expect(() => stretchesOf(branch(2, '2 0/500'))).toThrow('ascending order');
});

test('a position at a switch point belongs to the new timeline', () => {
  expect(timelineAt(branch(2, '1 0/300'), parseLsn('0/300'))).toBe(2);
  expect(timelineAt(branch(2, '1 0/300'), parseLsn('0/2F8'))).toBe(1);
});
