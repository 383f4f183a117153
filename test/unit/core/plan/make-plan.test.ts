/** Goal: the right node is acted on, or nobody. Method: a table of snapshots with the plan or the refusal each must give. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import { describeStep } from '../../../../src/core/plan/plan.ts';
import {
  fencedPair,
  HAS_VIP,
  healthyPair,
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
const refusal = (snapshot: Snapshot): string => {
  const decision = decide(snapshot);
  return decision.kind === 'refusal' ? decision.code : decision.kind;
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

describe('a refusal', () => {
  it.each<{ title: string; snapshot: Snapshot; code: string }>([
    { title: 'is not needed where all is well', snapshot: healthyPair(), code: 'nothing-to-do' },
    {
      title: 'where two primaries both have the VIP',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres(), { vip: HAS_VIP }) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the VIP is on nobody and both wrote',
      snapshot: snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: seen('pg2', promotedPostgres()) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the standbys follow the one without the VIP',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres({ senders: follower })) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where half of the standbys follow the VIP holder',
      snapshot: snapshotOf({
        pg1: holder({ senders: follower }),
        pg2: seen('pg2', promotedPostgres({ senders: follower })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the histories are equal by number and nobody has the VIP',
      snapshot: snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: seen('pg2', primaryPostgres()) }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where the address list of one primary was not read',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres(), { vip: unknown('no ip') }),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a third node gives no answer',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres()), pg3: 'no route' }),
      code: 'not-all-seen',
    },
    {
      title: 'where the witness gives no answer',
      snapshot: snapshotOf({ pg1: holder(), pg2: seen('pg2', promotedPostgres()), witness: 'no route' }),
      code: 'not-all-seen',
    },
    {
      title: 'where a third role is unknown',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres()),
        pg3: seen('pg3', standbyPostgres({ role: 'unknown' })),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where the marker of one primary was not read',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', promotedPostgres(), { fence: unknown('no disk') }),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where it is not known who streams from whom',
      snapshot: snapshotOf({
        pg1: holder({ senders: unknown('timeout') }),
        pg2: seen('pg2', promotedPostgres()),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a system identifier is unknown',
      snapshot: snapshotOf({
        pg1: holder({ systemIdentifier: unknown('timeout') }),
        pg2: seen('pg2', promotedPostgres()),
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where the primaries are of two clusters',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen(
          'pg2',
          promotedPostgres({ systemIdentifier: known('7000000000000000002' as SystemIdentifier) }),
        ),
      }),
      code: 'foreign-system',
    },
    {
      title: 'where a history is unknown and the VIP does not tell',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres({ currentLsn: known(parseLsn('0/3F00000')) })),
        pg2: seen('pg2', promotedPostgres({ history: unknown('timeout') })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where a history cannot be read and the VIP does not tell',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres({ currentLsn: known(parseLsn('0/3F00000')) })),
        pg2: seen('pg2', promotedPostgres({ history: known('nonsense') })),
      }),
      code: 'survivor-ambiguous',
    },
    {
      title: 'where a node with unknown role has the VIP',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres()),
        pg2: seen('pg2', standbyPostgres({ role: 'unknown' }), { vip: HAS_VIP }),
      }),
      code: 'no-playbook',
    },
    {
      title: 'where a starting node has the VIP',
      snapshot: snapshotOf({
        pg1: seen('pg1', primaryPostgres()),
        pg2: seen('pg2', standbyPostgres({ role: 'starting' }), { vip: HAS_VIP }),
      }),
      code: 'role-starting',
    },
    {
      title: 'where a person fenced the node',
      snapshot: fencedPair({ fence: known(marker({ reason: 'operator' })) }),
      code: 'fenced-by-operator',
    },
    {
      title: 'to rejoin while a third node gives no answer',
      snapshot: snapshotOf({
        pg1: holder(),
        pg2: seen('pg2', standbyPostgres({ role: 'down' }), { fence: known(marker()) }),
        pg3: 'no route',
      }),
      code: 'not-all-seen',
    },
    {
      title: 'where a node gives no answer and nothing else is wrong',
      snapshot: snapshotOf({ pg1: holder(), pg2: 'no route' }),
      code: 'no-playbook',
    },
  ])('is given $title', ({ snapshot, code }) => {
    expect(refusal(snapshot)).toBe(code);
  });
});
