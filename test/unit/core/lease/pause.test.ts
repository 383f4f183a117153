/** A lease made long for people at work: what it counts by, whom it binds, and how it ends. */
import { describe, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { A, B, configFor, LeaseCluster, W, X, Y } from '../../../support/lease-cluster.ts';

const MINUTE_MS = 60_000;
const WORDS = { reason: 'kernel update', by: 'root', until: '2026-11-21T22:30:00.000Z' };

function pause(cluster: LeaseCluster, forMs: number, name: NodeName = A): number {
  const until = cluster.now + forMs;
  cluster.do(name, cluster.node(name).pause(until, WORDS, cluster.now));
  cluster.pass(50);
  return until;
}

function end(cluster: LeaseCluster): void {
  cluster.do(A, cluster.node(A).endPause(cluster.now));
  cluster.pass(50);
}

/** `a` holds a lease that is paused for ten minutes; nobody hears it any more. */
function pausedAndSilent(): LeaseCluster {
  const cluster = new LeaseCluster().adopt();
  pause(cluster, 10 * MINUTE_MS);
  cluster.cutOff.add(A);
  return cluster;
}

describe('a pause that a majority has in writing', () => {
  test('entitles the holder until its end, with nobody there to renew it', () => {
    const cluster = new LeaseCluster().adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    cluster.cutOff.add(A);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
    cluster.pass(until - cluster.now - 50);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.pass(50);
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('lets nobody else have the next epoch before its end and a promotion wait, by the slowest clock', () => {
    const cluster = pausedAndSilent();
    const stretched = 10 * MINUTE_MS * 1.01 + 2_700;
    cluster.pass(10 * MINUTE_MS);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(false);
    cluster.claim(B, 500);
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.pass(stretched - 10 * MINUTE_MS - 1_000);
    cluster.claim(B, 200);
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.pass(1_000);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.disks.get(W)?.pause).toBeNull();
  });

  test('binds a voter that was started again for its whole length, because it does not know when it heard of it', () => {
    const cluster = pausedAndSilent();
    cluster.pass(9 * MINUTE_MS);
    for (const name of [B, W]) cluster.start(name, configFor(name, [A, B, W]));
    cluster.pass(9 * MINUTE_MS);
    cluster.claim(B, 500);
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.pass(2 * MINUTE_MS);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('is written once by each voter, before it answers', () => {
    const cluster = new LeaseCluster().adopt();
    const written = cluster.writes.get(W) ?? 0;
    pause(cluster, 10 * MINUTE_MS);
    expect(cluster.writes.get(W)).toBe(written + 1);
    expect(cluster.disks.get(W)?.pause).toMatchObject({ number: 1, words: WORDS });
    cluster.pass(MINUTE_MS);
    expect(cluster.writes.get(W)).toBe(written + 1);
  });

  test('lets the last holder itself have a new lease, which is not paused', () => {
    const cluster = new LeaseCluster().adopt();
    pause(cluster, 10 * MINUTE_MS);
    cluster.start(A, configFor(A, [A, B, W]));
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(true);
    expect([A, B, W].map((it) => cluster.disks.get(it)?.pause)).toEqual([null, null, null]);
  });

  test('goes on in a higher epoch of the same lease', () => {
    const cluster = new LeaseCluster([A, B, W, X, Y]).adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    cluster.cutOff.add(A);
    cluster.do(X, cluster.node(X).claim(cluster.now, 100));
    cluster.pass(200);
    const lease = { epoch: 9, uuid: 'other', holder: X };
    const about = { from: X, nonce: 'n', digest: 'other', at: 0, waitMs: 0, report: '', pause: null };
    cluster.node(Y).receive({ kind: 'renew', lease, forced: true, ...about }, cluster.now);
    cluster.cutOff.clear();
    cluster.pass(2_000);
    expect(cluster.node(A).memory.lease?.epoch).toBe(10);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
    expect(cluster.disks.get(B)?.pause?.number).toBe(1);
  });
});

describe('a pause that no majority has in writing', () => {
  test('does not entitle, and keeps those who have it from a new epoch', () => {
    const five = [A, B, W, X, Y];
    const cluster = new LeaseCluster(five).adopt();
    for (const name of [W, X, Y]) cluster.cutOff.add(name);
    pause(cluster, 10 * MINUTE_MS);
    cluster.pass(2_000);
    expect(cluster.isEntitled(A)).toBe(false);
    expect(cluster.node(B).ownView(cluster.now).grantableInMs).toBeGreaterThan(9 * MINUTE_MS);
  });

  test('is not acknowledged by a voter that does not know of pauses', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(W);
    const { send } = cluster.node(A).pause(cluster.now + MINUTE_MS, WORDS, cluster.now);
    const request = send.find((it) => it.to === B)?.message;
    if (request?.kind !== 'renew') throw new Error('no renewal');
    const [answer] = cluster.node(B).receive({ ...request, pause: null }, cluster.now).send;
    if (answer === undefined) throw new Error('no answer');
    cluster.do(A, cluster.node(A).receive(answer.message, cluster.now));
    cluster.do(A, cluster.node(A).tick(cluster.now));
    expect(cluster.node(A).entitledUntil(cluster.now)).toBeLessThan(cluster.now + 1_601);
  });

  test('begins to count once the others are back', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(B);
    cluster.cutOff.add(W);
    const until = pause(cluster, MINUTE_MS);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBeLessThan(until);
    cluster.cutOff.clear();
    cluster.pass(300);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
  });
});

describe('a pause ends', () => {
  test('by its holder: from the call on renewals alone count, and voters wait no longer than after one', () => {
    const cluster = new LeaseCluster().adopt();
    pause(cluster, 10 * MINUTE_MS);
    end(cluster);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBeLessThanOrEqual(cluster.now + 1_600);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.cutOff.add(A);
    cluster.pass(2_800);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('for good: a late word of it brings nothing back', () => {
    const cluster = new LeaseCluster().adopt();
    const late = cluster.node(A).pause(cluster.now + 10 * MINUTE_MS, WORDS, cluster.now);
    end(cluster);
    cluster.do(A, late);
    expect(cluster.disks.get(W)?.pause).toMatchObject({ number: 2, waitMs: 0 });
    cluster.cutOff.add(A);
    cluster.pass(2_800);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('by its time, of which all are told: a voter that is started again later waits for nothing', () => {
    const cluster = new LeaseCluster().adopt();
    pause(cluster, MINUTE_MS);
    cluster.pass(MINUTE_MS + 500);
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.disks.get(W)?.pause?.waitMs).toBe(0);
    for (const name of [B, W]) cluster.start(name, configFor(name, [A, B, W]));
    cluster.cutOff.add(A);
    cluster.pass(2_800);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('with a lease that is given away', () => {
    const cluster = new LeaseCluster().adopt();
    pause(cluster, 10 * MINUTE_MS);
    cluster.do(A, cluster.node(A).transfer(B, 'proof', cluster.now, 500));
    expect(cluster.isEntitled(A)).toBe(false);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('at a person’s word against the voters', () => {
    const cluster = pausedAndSilent();
    cluster.override(B, 60 * MINUTE_MS);
    cluster.pass(500);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.disks.get(W)).toMatchObject({ lease: { holder: B }, pause: null });
  });
});

describe('a pause is made longer', () => {
  test('and the one before it stands until a majority has the longer one in writing', () => {
    const cluster = new LeaseCluster().adopt();
    const first = pause(cluster, MINUTE_MS);
    cluster.cutOff.add(A);
    const second = pause(cluster, 10 * MINUTE_MS);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(first);
    cluster.cutOff.clear();
    cluster.pass(300);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(second);
  });

  test('and never shorter', () => {
    const cluster = new LeaseCluster().adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    pause(cluster, MINUTE_MS);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
    expect(cluster.disks.get(W)?.pause?.number).toBe(1);
  });
});

test('without a holder, or under an override, there is nothing to pause', () => {
  const cluster = new LeaseCluster().adopt();
  expect(cluster.node(B).pause(cluster.now + MINUTE_MS, WORDS, cluster.now).send).toEqual([]);
  cluster.cutOff.add(A);
  cluster.cutOff.add(W);
  cluster.pass(5_000);
  cluster.override(B, 60 * MINUTE_MS);
  pause(cluster, MINUTE_MS, B);
  expect(cluster.node(B).holder).toMatchObject({ kind: 'holding', pause: null });
});

test('a lease that ran out while the pause was being written is not brought back by it', () => {
  const cluster = new LeaseCluster([A, B]).adopt();
  const until = cluster.node(A).entitledUntil(cluster.now) ?? 0;
  cluster.cutOff.add(B);
  const effects = cluster.node(A).pause(cluster.now + MINUTE_MS, WORDS, cluster.now);
  // Two voters: its own vote would be enough. The disk needs longer for it than the lease lasts.
  expect(effects.persist).not.toBeNull();
  cluster.now = until + 10;
  cluster.do(A, effects);
  cluster.do(A, cluster.node(A).tick(cluster.now));
  expect(cluster.node(A).entitledUntil(cluster.now)).toBeNull();
  expect(cluster.node(A).holder.kind).toBe('idle');
});
