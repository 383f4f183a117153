/** Goal: with a lease its holder stays and nobody unseen is waited for; who may hold it is never fenced. Method: snapshots and plans. */
import { describe, expect, it } from 'vitest';
import { diagnose } from '../../../../src/core/diagnose/diagnose.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { NodeObservation, Snapshot } from '../../../../src/core/model/observation.ts';
import { makePlan } from '../../../../src/core/plan/make-plan.ts';
import type { Step } from '../../../../src/core/plan/plan.ts';
import { postcondition, precondition } from '../../../../src/core/plan/step-conditions.ts';
import {
  downPostgres,
  HAS_VIP,
  leaseOf,
  marker,
  node,
  primaryPostgres,
  promotedPostgres,
  seen,
  snapshotOf,
  standbyPostgres,
} from '../../../support/snapshot.ts';

const HOLDS = leaseOf('pg1', { entitled: true });
const KNOWS = leaseOf('pg1');
const pg1 = (changes: Partial<NodeObservation> = {}) =>
  seen('pg1', primaryPostgres(), { vip: HAS_VIP, lease: HOLDS, ...changes });
const HAS_NO_VIP = known({ present: false, interface: null });
/** pg1 with its server in recovery. */
const inRecovery = (changes: Partial<NodeObservation> = {}) =>
  pg1({ postgres: standbyPostgres(), vip: HAS_NO_VIP, ...changes });
const pg2 = (changes: Partial<NodeObservation> = {}) =>
  seen('pg2', promotedPostgres(), { lease: KNOWS, ...changes });
const witness = seen('witness', null, { lease: KNOWS });
const fencedPg2 = seen('pg2', downPostgres(), { lease: KNOWS, fence: known(marker()) });

const outcome = (snapshot: Snapshot): readonly string[] => {
  const decision = makePlan(snapshot, diagnose(snapshot));
  if (decision.kind === 'plan') return decision.steps.map((step) => `${step.kind} ${step.node}`);
  return [decision.kind === 'refusal' ? decision.code : decision.kind];
};
const WHOLE = ['fence pg2', 'account pg2', 'rejoin pg2', 'verify pg2'];

describe('with a lease', () => {
  it.each<{ title: string; snapshot: Snapshot; expected: readonly string[] }>([
    { title: 'its holder stays', snapshot: snapshotOf({ pg1: pg1(), pg2: pg2(), witness }), expected: WHOLE },
    {
      title: 'its holder stays also where the witness gives no answer',
      snapshot: snapshotOf({ pg1: pg1(), pg2: pg2(), witness: 'no route' }),
      expected: WHOLE,
    },
    {
      title: 'its holder stays also where a third database node gives no answer',
      snapshot: snapshotOf({ pg1: pg1(), pg2: pg2(), pg3: 'no route' }),
      expected: WHOLE,
    },
    {
      title: 'its holder stays also where the other one has the VIP',
      snapshot: snapshotOf({
        pg1: pg1({ vip: HAS_NO_VIP }),
        pg2: pg2({ vip: HAS_VIP }),
        witness,
      }),
      expected: WHOLE,
    },
    {
      title: 'nobody is fenced by the lease where only its holder answers for it',
      snapshot: snapshotOf({ pg1: pg1(), pg2: pg2({ lease: known(null) }), witness: 'no route' }),
      expected: ['not-all-seen'],
    },
    {
      title: 'the other ways in stay where no lease was ever granted',
      snapshot: snapshotOf({
        pg1: pg1({ lease: known(null) }),
        pg2: pg2({ lease: known(null) }),
        witness: seen('witness', null),
      }),
      expected: WHOLE,
    },
    {
      title: 'a loser whose own files could not be read is not fenced',
      snapshot: snapshotOf({ pg1: pg1(), pg2: pg2({ lease: unknown('no disk') }), witness }),
      expected: ['not-all-seen'],
    },
    {
      title: 'a loser that holds a newer lease by its own look is not fenced',
      snapshot: snapshotOf({
        pg1: pg1(),
        pg2: pg2({ lease: leaseOf('pg2', { epoch: 4, entitled: true }) }),
        witness,
      }),
      expected: ['survivor-ambiguous'],
    },
    {
      title: 'a node that is writable without it is fenced although its holder is not primary yet',
      snapshot: snapshotOf({ pg1: inRecovery(), pg2: pg2(), witness }),
      expected: ['fence pg2'],
    },
    {
      title: 'a node that is writable without it is let be while nobody is known to hold it',
      snapshot: snapshotOf({ pg1: inRecovery({ lease: KNOWS }), pg2: pg2(), witness }),
      expected: ['no-playbook'],
    },
    {
      title: 'a fenced node follows its holder although the witness gives no answer',
      snapshot: snapshotOf({ pg1: pg1(), pg2: fencedPg2, witness: 'no route' }),
      expected: ['account pg2', 'rejoin pg2', 'verify pg2'],
    },
    {
      title: 'a fenced node does not follow a primary that is not its holder',
      snapshot: snapshotOf({
        pg1: inRecovery(),
        pg2: seen('pg2', promotedPostgres(), { lease: unknown('no disk') }),
        witness,
        pg3: seen('pg3', downPostgres(), { lease: KNOWS, fence: known(marker()) }),
      }),
      expected: ['no-single-primary'],
    },
    {
      title: 'a marked node that holds it again is not stopped and counted',
      snapshot: snapshotOf({
        pg1: pg1({ lease: known(null) }),
        pg2: seen('pg2', standbyPostgres(), {
          lease: leaseOf('pg2', { entitled: true }),
          fence: known(marker()),
        }),
        witness: seen('witness', null),
      }),
      expected: ['holds-lease'],
    },
    {
      title: 'a fence is not completed on the node that holds it',
      snapshot: snapshotOf({
        pg1: pg1({ fence: known(marker({ state: 'fencing', reason: 'lease-lost' })) }),
        pg2: seen('pg2', standbyPostgres(), { lease: KNOWS }),
        witness,
      }),
      expected: ['holds-lease'],
    },
    {
      title: 'a fence is not completed on a node that may hold it',
      snapshot: snapshotOf({
        pg1: pg1({ fence: known(marker({ state: 'fencing' })), lease: unknown('no disk') }),
        pg2: seen('pg2', standbyPostgres(), { lease: KNOWS }),
        witness,
      }),
      expected: ['not-all-seen'],
    },
    {
      title: 'nothing is found where its holder is the one primary',
      snapshot: snapshotOf({
        pg1: pg1(),
        pg2: seen('pg2', standbyPostgres(), { lease: KNOWS }),
        witness,
      }),
      expected: ['nothing-to-do'],
    },
    {
      title: 'a primary that lost it is told, and left to its guards',
      snapshot: snapshotOf({
        pg1: pg1({ lease: KNOWS }),
        pg2: seen('pg2', standbyPostgres(), { lease: KNOWS }),
        witness,
      }),
      expected: ['no-playbook'],
    },
  ])('$title', ({ snapshot, expected }) => {
    expect(outcome(snapshot)).toEqual(expected);
  });
});

describe('a step', () => {
  const fence: Step = { kind: 'fence', node: node('pg2'), reason: 'dual-primary' };
  const rejoin: Step = { kind: 'rejoin', node: node('pg2'), survivor: node('pg1') };

  it('of a fence is not asked for once the node holds the lease, whatever marker stands there', () => {
    const taken = leaseOf('pg2', { epoch: 4, entitled: true });
    const snapshot = snapshotOf({ pg1: pg1(), pg2: pg2({ lease: taken, fence: known(marker()) }), witness });
    expect(precondition(fence, snapshot)).toEqual({ kind: 'fails', reason: 'pg2 holds the lease' });
  });

  it('of a rejoin needs no answer of the witness while the survivor holds the lease', () => {
    const snapshot = snapshotOf({ pg1: pg1(), pg2: fencedPg2, witness: 'no route' });
    expect(precondition(rejoin, snapshot)).toEqual({ kind: 'holds' });
  });

  it('of a rejoin is refused once the lease names somebody else', () => {
    const snapshot = snapshotOf({
      pg1: seen('pg1', primaryPostgres(), { lease: leaseOf('pg3') }),
      pg2: fencedPg2,
      pg3: seen('pg3', standbyPostgres(), { lease: leaseOf('pg3', { entitled: true }) }),
    });
    expect(precondition(rejoin, snapshot)).toEqual({
      kind: 'fails',
      reason: 'the lease names pg3, not pg1',
    });
  });

  it('of a rejoin counts as done only while the survivor is the only primary that was seen', () => {
    const verify: Step = { kind: 'verify', node: node('pg2'), survivor: node('pg1') };
    const third = seen('pg3', promotedPostgres(), { lease: KNOWS });
    const follows = seen('pg2', standbyPostgres(), { lease: KNOWS });
    const snapshot = snapshotOf({ pg1: pg1(), pg2: follows, pg3: third });
    expect(postcondition(verify, snapshot).kind).toBe('fails');
  });
});
