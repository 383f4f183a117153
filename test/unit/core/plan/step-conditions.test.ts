/** Goal: no step acts on a state it was not planned for, and none counts as done unseen. Method: each condition on the states around it. */
import { describe, expect, it } from 'vitest';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import { postcondition, precondition } from '../../../../src/core/plan/step-conditions.ts';
import type { Step } from '../../../../src/core/plan/plan.ts';
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
} from '../../../support/snapshot.ts';

const pair = { node: node('pg2'), survivor: node('pg1') };
const fence: Step = { kind: 'fence', node: node('pg2'), reason: 'dual-primary' };
const release: Step = { kind: 'release-vip', node: node('pg2'), reason: 'vip-on-non-primary' };
const account: Step = { kind: 'account', ...pair };
const rejoin: Step = { kind: 'rejoin', ...pair };
const verify: Step = { kind: 'verify', ...pair };
const unreachable: Snapshot = snapshotOf({ pg1: seen('pg1', primaryPostgres()), pg2: 'no route' });
const vipOnStandby: Snapshot = snapshotOf({
  pg1: seen('pg1', primaryPostgres()),
  pg2: seen('pg2', standbyPostgres(), { vip: HAS_VIP }),
});
const survivorGone: Snapshot = snapshotOf({
  pg1: 'no route',
  pg2: seen('pg2', standbyPostgres({ role: 'down' }), { fence: known(marker()) }),
});
const wrongTimeline: Snapshot = snapshotOf({
  pg1: seen('pg1', promotedPostgres(), { vip: HAS_VIP }),
  pg2: seen('pg2', standbyPostgres()),
});

describe('a precondition', () => {
  it.each<[string, Step, Snapshot, 'holds' | 'fails']>([
    ['fence: the loser of two primaries', fence, splitPair(), 'holds'],
    ['fence: a node with a marker', fence, fencedPair(), 'holds'],
    ['fence: a healthy standby', fence, healthyPair(), 'fails'],
    ['fence: the survivor', { ...fence, node: node('pg1') }, splitPair(), 'fails'],
    ['fence: a node without an answer', fence, unreachable, 'fails'],
    ['release-vip: a standby', release, vipOnStandby, 'holds'],
    ['release-vip: a primary', { ...release, node: node('pg1') }, vipOnStandby, 'fails'],
    ['account: fenced, survivor seen', account, fencedPair(), 'holds'],
    ['account: not fenced', account, splitPair(), 'fails'],
    ['account: survivor not seen', account, survivorGone, 'fails'],
    ['rejoin: fenced, survivor seen', rejoin, fencedPair(), 'holds'],
    ['rejoin: not fenced', rejoin, healthyPair(), 'fails'],
    ['rejoin: marker not read', rejoin, fencedPair({ fence: unknown('no disk') }), 'fails'],
    ['rejoin: fenced and running', rejoin, fencedPair({ postgres: standbyPostgres() }), 'fails'],
  ])('of %s', (_title, step, snapshot, expected) => {
    expect(precondition(step, snapshot).kind).toBe(expected);
  });
});

describe('a postcondition', () => {
  it.each<[string, Step, Snapshot, 'holds' | 'fails']>([
    ['fence: marker, no VIP, down', fence, fencedPair(), 'holds'],
    [
      'fence: marker says fencing',
      fence,
      fencedPair({ fence: known(marker({ state: 'fencing' })) }),
      'fails',
    ],
    ['fence: still has the VIP', fence, fencedPair({ vip: HAS_VIP }), 'fails'],
    ['fence: addresses not read', fence, fencedPair({ vip: unknown('no ip') }), 'fails'],
    ['fence: still running', fence, fencedPair({ postgres: standbyPostgres() }), 'fails'],
    ['fence: no answer', fence, unreachable, 'fails'],
    ['release-vip: VIP still there', release, vipOnStandby, 'fails'],
    ['release-vip: VIP gone', release, healthyPair(), 'holds'],
    ['rejoin: follows', rejoin, healthyPair(), 'holds'],
    ['rejoin: still fenced', rejoin, fencedPair(), 'fails'],
    ['rejoin: streams on another timeline', rejoin, wrongTimeline, 'fails'],
    ['verify: one primary with the VIP, one follower', verify, healthyPair(), 'holds'],
    ['verify: the VIP is elsewhere', verify, vipOnStandby, 'fails'],
    ['verify: two primaries', verify, splitPair(), 'fails'],
  ])('of %s', (_title, step, snapshot, expected) => {
    expect(postcondition(step, snapshot).kind).toBe(expected);
  });
});
