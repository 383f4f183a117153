/** Goal: the right node is acted on, in the right order. Method: a table of snapshots and the steps each must give. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { known } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import { describeStep } from '../../../../src/core/plan/plan.ts';
import {
  fencedPair,
  HAS_VIP,
  marker,
  node,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  splitPair,
  standbyPostgres,
  streamingSender,
} from '../../../support/snapshot.ts';

const decide = (snapshot: Snapshot) => makePlan(snapshot, diagnose(snapshot));
const steps = (snapshot: Snapshot): readonly string[] => {
  const decision = decide(snapshot);
  return decision.kind === 'plan' ? decision.steps.map((step) => `${step.kind} ${step.node}`) : [];
};

const follower = known([streamingSender]);
const holder = (changes = {}) => seen('pg1', primaryPostgres(changes), { vip: HAS_VIP });

describe('a plan', () => {
  it.each<{ title: string; snapshot: Snapshot; expected: readonly string[] }>([
    {
      title: 'fences the primary without the VIP and brings it back',
      snapshot: splitPair(),
      expected: ['fence pg2', 'account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'keeps the promoted one where it has the VIP, whatever its timeline',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres()),
        pg2: seen('pg2', promotedPostgres(), { vip: HAS_VIP }),
      }),
      expected: ['fence pg1', 'account pg1', 'rejoin pg1', 'verify pg1'],
    },
    {
      title: 'keeps the VIP holder that has the majority of the streaming standbys',
      snapshot: snapshotOf({
        pg1: holder({ senders: follower }),
        pg2: seen('pg2', promotedPostgres()),
        pg3: seen('pg3', standbyPostgres()),
      }),
      expected: ['fence pg2', 'account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'keeps the one that contains the other where nobody has the VIP',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres({ currentLsn: known(parseLsn('0/3F00000')) })),
        pg2: seen('pg2', promotedPostgres()),
      }),
      expected: ['fence pg1', 'account pg1', 'rejoin pg1', 'verify pg1'],
    },
    {
      title: 'fences one of two losers and then looks again',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres()),
        pg3: seen('pg3', promotedPostgres()),
      }),
      expected: ['fence pg2'],
    },
    {
      title: 'takes the VIP from a standby',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', standbyPostgres(), { vip: HAS_VIP }) }),
      expected: ['release-vip pg2'],
    },
    {
      title: 'takes the VIP from a standby also where another node gives no answer',
      snapshot: snapshotOf({ pg1: 'no route', pg2: seen('pg2', standbyPostgres(), { vip: HAS_VIP }) }),
      expected: ['release-vip pg2'],
    },
    {
      title: 'brings a fenced node back',
      snapshot: fencedPair(),
      expected: ['account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'stops a fenced node that somebody started before it is counted',
      snapshot: fencedPair({ postgres: standbyPostgres() }),
      expected: ['fence pg2', 'account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'takes up an interrupted rejoin without stopping its server',
      snapshot: fencedPair({
        postgres: standbyPostgres(),
        rejoin: known({ phase: 'started', survivor: node('pg1'), startedAt: 0 as never }),
      }),
      expected: ['account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'completes an interrupted fence even where nothing else was seen',
      snapshot: snapshotOf({
        pg1: 'no route',
        pg2: seen('pg2', promotedPostgres(), { fence: known(marker({ state: 'fencing' })) }),
      }),
      expected: ['fence pg2'],
    },
  ])('$title', ({ snapshot, expected }) => {
    expect(steps(snapshot)).toEqual(expected);
  });

  it('says every step in words', () => {
    const decision = decide(splitPair());
    expect(decision.kind === 'plan' ? decision.steps.map(describeStep) : []).toEqual([
      'fence pg2',
      'count and keep what pg2 has and pg1 has not',
      'rejoin pg2 as a standby of pg1',
      'verify that pg1 is the only primary and pg2 follows it',
    ]);
  });
});
