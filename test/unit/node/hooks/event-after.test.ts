/** Goal: which end of which duty is an event, and which is not. Method: every kind of duty, each with the ends that its procedure has. */
import { expect, it } from 'vitest';
import { DUTIES, type Duty, type DutyKind } from '../../../../src/core/guard/duty.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { Done } from '../../../../src/node/keeper/context.ts';
import { eventAfter } from '../../../../src/node/hooks/event-after.ts';

const PG2 = 'pg2' as NodeName;
const reason = 'as the test wants it';
const dutyOf = (kind: DutyKind): Duty => {
  switch (kind) {
    case 'step-down':
      return { kind, cause: 'dead', successor: PG2, reason };
    case 'succeed':
      return { kind, from: PG2, reason };
    case 'join':
    case 'follow':
      return { kind, holder: PG2, reason };
    default:
      return { kind, reason };
  }
};

it.each([
  ['succeed', { epoch: 4, timeline: 2 }, 'promoted'],
  ['take-over', { epoch: 4, timeline: 2 }, 'promoted'],
  ['promote-here', { timeline: 2 }, 'promoted'],
  ['fence', { killed: true }, 'fenced'],
  ['join', { how: 'start' }, 'rejoined'],
  ['join', { how: 'rewind' }, 'rejoined'],
  ['join', { how: 'basebackup' }, 'rejoined'],
  ['follow', { how: 'rewind' }, 'rejoined'],
  ['join', { how: 'reload' }, null],
  ['join', { how: 'already' }, null],
  ['follow', { kind: 'join-needed' }, null],
  ['step-down', { successor: 'pg2' }, null],
] as const)('%s that ended with %j is %s', (kind, done, event) => {
  expect(eventAfter(dutyOf(kind), done)).toBe(event);
});

it.each(['observe', 'hold', 'wait', 'start', 'reclaim', 'adopt-lease'] as const)('%s is none', (kind) => {
  expect(DUTIES).toContain(kind);
  expect(eventAfter(dutyOf(kind), { how: 'start', successor: 'pg2', epoch: 4 })).toBe(null);
});

it('a switchover is one where a successor was given the place, and not where this node had to start again', () => {
  const duty: Duty = { kind: 'step-down', cause: 'switchover', successor: PG2, reason };
  const ends: readonly Done[] = [{ successor: 'pg2' }, { successor: null, started: true }];
  expect(ends.map((done) => eventAfter(duty, done))).toEqual(['switchedOver', null]);
});
