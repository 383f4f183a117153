/** A leave is a pause of an agent, and told apart from one of people. */
import { expect, test } from 'vitest';
import { isLeave, isLeaveOpen, leaveWords } from '../../../../src/core/lease/leave.ts';
import { parsePauseRequest } from '../../../../src/node/keeper/pause-lease.ts';

const UNTIL = '2026-11-21T22:30:00.000Z';

test('it is known by who asked for it, and nobody else may ask by that name', () => {
  const { by } = leaveWords(UNTIL);
  expect(isLeave(leaveWords(UNTIL))).toBe(true);
  expect(isLeave({ by: 'mira', reason: 'this agent begins again', until: UNTIL })).toBe(false);
  expect(() => parsePauseRequest({ by, reason: 'work', seconds: 60 })).toThrow(/by: expected a person/);
});

test('it is open while a voter may wait for its end', () => {
  const words = leaveWords(UNTIL);
  expect(isLeaveOpen({ number: 1, waitMs: 12_000, words })).toBe(true);
  expect(isLeaveOpen({ number: 2, waitMs: 0, words })).toBe(false);
  expect(isLeaveOpen({ number: 1, waitMs: 12_000, words: { ...words, by: 'mira' } })).toBe(false);
  expect(isLeaveOpen(null)).toBe(false);
});
