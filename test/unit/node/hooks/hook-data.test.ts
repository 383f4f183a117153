/** Goal: what a command is told, in each of its two forms. Method: one event of each kind, with what the node knows then. */
import { describe, expect, it } from 'vitest';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import type { EpochMillis, NodeName } from '../../../../src/core/model/names.ts';
import { dataOf, documentOf, environmentOf, type Seen } from '../../../../src/node/hooks/hook-data.ts';

const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;
const reason = 'as the test wants it';
const seen: Seen = {
  cluster: 'main',
  node: 'pg1',
  at: 1_795_262_489_250 as EpochMillis,
  epoch: 7,
  holder: PG2,
  ownTimeline: 3,
  timelineOf: (node) => (node === PG2 ? 4 : null),
};

describe('the place of each event', () => {
  it('a promotion tells its own epoch and timeline, and this node', () => {
    const duty: Duty = { kind: 'succeed', from: PG2, reason };
    expect(dataOf('promoted', duty, { epoch: 8, timeline: 4 }, seen)).toEqual({
      event: 'promoted',
      cluster: 'main',
      node: 'pg1',
      at: '2026-11-21T12:01:29.250Z',
      duty: 'succeed',
      reason,
      epoch: 8,
      timeline: 4,
      newPrimary: 'pg1',
    });
  });

  it('a promotion that claimed no epoch tells the one that is held', () => {
    const data = dataOf('promoted', { kind: 'promote-here', reason }, { timeline: 4 }, seen);
    expect(data).toMatchObject({ epoch: 7, timeline: 4 });
  });

  it('a fence tells who holds the lease now, where that is another node', () => {
    const duty: Duty = { kind: 'fence', reason };
    expect(dataOf('fenced', duty, {}, seen)).toMatchObject({ timeline: 3, newPrimary: 'pg2' });
    expect(dataOf('fenced', duty, {}, { ...seen, holder: PG1 })).toMatchObject({ newPrimary: null });
    expect(dataOf('fenced', duty, {}, { ...seen, holder: null })).toMatchObject({ newPrimary: null });
  });

  it('a rejoin tells whom it follows, and on which timeline', () => {
    const data = dataOf('rejoined', { kind: 'join', holder: PG2, reason }, { how: 'rewind' }, seen);
    expect(data).toMatchObject({ epoch: 7, timeline: 4, newPrimary: 'pg2' });
  });

  it('a switchover tells who was given the place in the end', () => {
    const duty: Duty = { kind: 'step-down', cause: 'switchover', successor: PG2, reason };
    const data = dataOf('switchedOver', duty, { successor: 'pg3' }, seen);
    expect(data).toMatchObject({ timeline: 3, newPrimary: 'pg3' });
  });
});

describe('the two forms', () => {
  const unknown: Seen = { ...seen, epoch: null, holder: null, ownTimeline: null };
  const data = dataOf('fenced', { kind: 'fence', reason: 'lost\0"it"\n' }, {}, unknown);

  it('every variable is there, and empty where nothing is known', () => {
    expect(environmentOf(data)).toEqual({
      PRIMACY_EVENT: 'fenced',
      PRIMACY_CLUSTER: 'main',
      PRIMACY_NODE: 'pg1',
      PRIMACY_AT: '2026-11-21T12:01:29.250Z',
      PRIMACY_DUTY: 'fence',
      PRIMACY_REASON: 'lost"it"\n',
      PRIMACY_EPOCH: '',
      PRIMACY_TIMELINE: '',
      PRIMACY_NEW_PRIMARY: '',
    });
  });

  it('the document is one line, with null where nothing is known', () => {
    const text = documentOf(data);
    expect(text.indexOf('\n')).toBe(text.length - 1);
    expect(JSON.parse(text)).toEqual({ ...data, epoch: null, timeline: null, newPrimary: null });
  });
});
