/** A paused lease after its holder's agent was started again: gone on with by the deadline on tmpfs, and ended where that is not one. */
import { describe, expect, test } from 'vitest';
import { A, B, configFor, LeaseCluster, W, X, Y } from '../../../support/lease-cluster.ts';

const MINUTE_MS = 60_000;
const WORDS = { reason: 'kernel update', by: 'root', until: '2026-11-21T22:30:00.000Z' };

function pause(cluster: LeaseCluster, forMs: number): number {
  const until = cluster.now + forMs;
  cluster.do(A, cluster.node(A).pause(until, WORDS, cluster.now));
  cluster.pass(50);
  return until;
}

function end(cluster: LeaseCluster): void {
  cluster.do(A, cluster.node(A).endPause(cluster.now));
  cluster.pass(50);
}

describe('an agent of the holder that is started again', () => {
  test('goes on with the pause by the deadline on tmpfs, and can end it', () => {
    const cluster = new LeaseCluster().adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    const { lease } = cluster.node(A).memory;
    if (lease === null) throw new Error('no lease');
    cluster.nodes.delete(A);
    cluster.pass(5 * MINUTE_MS);
    cluster.start(A, configFor(A, [A, B, W]), { lease, until });
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
    cluster.pass(2_000);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(until);
    end(cluster);
    expect(cluster.disks.get(W)?.pause).toMatchObject({ number: 2, waitMs: 0 });
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('under other voters goes on with a lease’s length alone', () => {
    const cluster = new LeaseCluster().adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    const { lease } = cluster.node(A).memory;
    if (lease === null) throw new Error('no lease');
    cluster.start(A, configFor(A, [A, X, Y]), { lease, until });
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(cluster.now + 1_600);
    expect(cluster.node(A).holder).toMatchObject({ pause: null });
  });

  test('ends a pause that no majority had in writing', () => {
    const cluster = new LeaseCluster().adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    const { lease } = cluster.node(A).memory;
    if (lease === null) throw new Error('no lease');
    cluster.start(A, configFor(A, [A, B, W]), { lease, until: cluster.now + 1_000 });
    cluster.pass(300);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBeLessThan(until);
    expect(cluster.disks.get(W)?.pause).toMatchObject({ number: 2, waitMs: 0 });
  });

  test('under other voters can end what the old ones still know of', () => {
    const cluster = new LeaseCluster([A, B, W, X, Y]).adopt();
    const until = pause(cluster, 10 * MINUTE_MS);
    const { lease } = cluster.node(A).memory;
    if (lease === null) throw new Error('no lease');
    for (const name of [A, B, W, X])
      cluster.start(name, configFor(name, [A, B, W, X]), name === A ? { lease, until } : null);
    cluster.pass(1_000);
    expect(cluster.node(B).ownView(cluster.now).grantableInMs).toBeGreaterThan(MINUTE_MS);
    end(cluster);
    expect(cluster.disks.get(B)?.pause).toMatchObject({ number: 2, waitMs: 0 });
    expect(cluster.isEntitled(A)).toBe(true);
  });
});
