/** A lease by a person's word: what it counts by, and whom it binds. */
import { describe, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { A, B, configFor, LeaseCluster, W, withoutOthers, X, Y } from '../../../support/lease-cluster.ts';

const HOUR_MS = 3_600_000;

describe('an override begins', () => {
  test('without any other voter, in the next epoch, and goes on by this node’s own vote', () => {
    const cluster = withoutOthers();
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.override(B, HOUR_MS);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.disks.get(B)?.lease).toMatchObject({ epoch: 2, holder: B });
    cluster.pass(60_000);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.isOverridden(B)).toBe(true);
  });

  test('only once the own vote is written, and counts from when it was asked for', () => {
    const cluster = withoutOthers();
    const begun = cluster.now;
    const { persist } = cluster.node(B).override(begun + HOUR_MS, begun);
    expect(persist?.lease).toMatchObject({ epoch: 2, holder: B });
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.node(B).tick(begun + 100);
    expect(cluster.node(B).entitledUntil(begun + 100)).toBe(begun + 1_600);
  });

  test('too late where the own vote took longer than a lease to write', () => {
    const cluster = withoutOthers();
    cluster.node(B).override(cluster.now + HOUR_MS, cluster.now);
    cluster.node(B).tick(cluster.now + 1_600);
    expect(cluster.node(B).holder.kind).toBe('idle');
  });

  test('not where this node holds or claims a lease already', () => {
    const cluster = new LeaseCluster().adopt();
    const lease = cluster.node(A).memory.lease;
    expect(cluster.node(A).override(cluster.now + HOUR_MS, cluster.now)).toEqual({ persist: null, send: [] });
    expect(cluster.node(A).memory.lease).toEqual(lease);
    expect(cluster.isOverridden(A)).toBe(false);
    cluster.do(B, cluster.node(B).claim(cluster.now, 1_000));
    expect(cluster.node(B).override(cluster.now + HOUR_MS, cluster.now).persist).toBe(null);
    expect(cluster.node(B).holder.kind).toBe('claiming');
  });

  test('above every epoch that this node knows of', () => {
    const cluster = withoutOthers([A, B, W, X, Y]);
    cluster.node(W).receive(renewal(A, 8), cluster.now);
    cluster.cutOff.delete(W);
    cluster.pass(500);
    cluster.override(B, HOUR_MS);
    expect(cluster.disks.get(B)?.lease?.epoch).toBe(9);
    expect(cluster.disks.get(W)?.lease).toEqual(cluster.disks.get(B)?.lease);
  });
});

describe('an override binds', () => {
  test('every voter that is reached, without a wait, durably', () => {
    const cluster = new LeaseCluster([A, B, W, X, Y]).adopt();
    for (const name of [A, X, Y]) cluster.cutOff.add(name);
    cluster.pass(300);
    cluster.override(B, HOUR_MS);
    expect(cluster.disks.get(W)?.lease).toMatchObject({ epoch: 2, holder: B });
    cluster.cutOff.clear();
    cluster.cutOff.add(B);
    cluster.claim(X);
    expect(cluster.isEntitled(X)).toBe(false);
  });

  test('an old holder, which yields at the first word of it', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.do(B, cluster.node(B).override(cluster.now + HOUR_MS, cluster.now));
    expect(cluster.isEntitled(A)).toBe(false);
    cluster.pass(50);
    expect(cluster.isEntitled(B)).toBe(true);

    const apart = new LeaseCluster([A, B]).adopt();
    apart.cutOff.add(B);
    apart.pass(5_000);
    apart.override(B, HOUR_MS);
    expect([apart.isEntitled(A), apart.isEntitled(B)]).toEqual([true, true]);
    apart.cutOff.clear();
    apart.pass(1_000);
    expect([apart.isEntitled(A), apart.isEntitled(B)].filter(Boolean)).toHaveLength(1);
  });

  test('not itself: a newer epoch that a majority granted to another node ends it', () => {
    const cluster = withoutOthers();
    cluster.override(B, HOUR_MS);
    cluster.do(B, cluster.node(B).receive(renewal(A, 3), cluster.now));
    expect(cluster.isEntitled(B)).toBe(false);
    expect(cluster.node(B).holder.kind).toBe('idle');
  });
});

describe('a voter that knows a higher epoch', () => {
  test('of nobody who holds it is won back after the time of a lease, and the override goes on meanwhile', () => {
    const cluster = withoutOthers();
    cluster.node(W).receive(renewal(A, 7), cluster.now);
    const { memory } = cluster.node(W);
    cluster.override(B, HOUR_MS);
    cluster.disks.set(W, memory);
    cluster.start(W, configFor(W, [A, B, W]));
    cluster.cutOff.delete(W);
    cluster.pass(1_500);
    expect([cluster.isEntitled(B), cluster.isOverridden(B)]).toEqual([true, true]);
    cluster.pass(1_000);
    expect([cluster.isEntitled(B), cluster.isOverridden(B)]).toEqual([true, false]);
    expect(cluster.disks.get(W)?.lease).toMatchObject({ epoch: 8, holder: B });
  });

  test('of a holder with a majority shows that the person was wrong: the override yields, whoever speaks first', () => {
    for (const first of [A, B]) {
      const cluster = withoutOthers();
      cluster.override(B, HOUR_MS);
      cluster.cutOff.clear();
      cluster.cutOff.add(B);
      for (let epoch = 2; epoch <= 3; epoch += 1) {
        cluster.node(A).abandon();
        cluster.claim(A);
      }
      const { lease } = cluster.node(A).memory;
      expect([lease?.epoch, cluster.isEntitled(A), cluster.isEntitled(B)]).toEqual([3, true, true]);
      cluster.cutOff.clear();
      cluster.do(first, cluster.node(first).tick((cluster.now += 250)));
      cluster.pass(5_000);
      expect([cluster.isEntitled(A), cluster.isEntitled(B)]).toEqual([true, false]);
    }
  });
});

function renewal(from: NodeName, epoch: number) {
  const lease = { epoch, uuid: `of ${from}`, holder: from };
  return {
    kind: 'renew',
    forced: false,
    from,
    nonce: 'n',
    digest: 'a,b,w',
    at: 0,
    waitMs: 2_700,
    report: '',
    lease,
    pause: null,
  } as const;
}
