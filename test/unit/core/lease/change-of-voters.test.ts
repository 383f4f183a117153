/** Voters and timings change only with the holder's consent. */
import { describe, expect, test } from 'vitest';
import { A, B, configFor, LeaseCluster, W, X, Y } from '../../../support/lease-cluster.ts';

const THREE = [A, B, W];
const FIVE = [A, B, W, X, Y];

/** Restarts the agent of the holder with other voters, quickly enough to keep its lease. */
function restartHolder(cluster: LeaseCluster, voters: typeof THREE): void {
  const lease = cluster.node(A).memory.lease;
  const until = cluster.node(A).entitledUntil(cluster.now);
  if (lease === null || until === null) throw new Error('no lease');
  cluster.start(A, configFor(A, voters), { lease, until });
}

describe('a change of the voters', () => {
  test('a holder with a new set does not count the new voters alone', () => {
    const cluster = new LeaseCluster(THREE).adopt();
    cluster.cutOff.add(B).add(W);
    for (const name of [X, Y]) cluster.start(name, configFor(name, FIVE));
    restartHolder(cluster, FIVE);
    cluster.pass(2_000);
    // Three of five acknowledge it, and the other two could have elected somebody by the old set.
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('a holder with a smaller set does not count the smaller set alone', () => {
    const cluster = new LeaseCluster(FIVE).adopt();
    cluster.cutOff.add(B).add(X).add(Y);
    cluster.start(W, configFor(W, THREE));
    restartHolder(cluster, THREE);
    cluster.pass(2_000);
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('with a majority of the old and of the new set the lease goes on, and then the new set alone counts', () => {
    const cluster = new LeaseCluster(THREE).adopt();
    for (const name of [X, Y]) cluster.start(name, configFor(name, FIVE));
    restartHolder(cluster, FIVE);
    cluster.pass(2_000);
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.disks.get(A)?.voters).toEqual(FIVE);
    // The new voters stand by nothing before most of the others have told them what they know, which those do once they know them.
    expect(cluster.disks.get(X)?.lease ?? null).toBeNull();
    for (const name of [B, W]) cluster.start(name, configFor(name, FIVE));
    cluster.pass(1_000);
    cluster.cutOff.add(B).add(W);
    cluster.pass(5_000);
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('the new set is written once the fences could read what its consent earned, not with that consent', () => {
    const cluster = new LeaseCluster(THREE).adopt();
    for (const name of [X, Y]) cluster.start(name, configFor(name, FIVE));
    restartHolder(cluster, FIVE);
    const node = cluster.node(A);
    const receive = node.receive.bind(node);
    const writes: boolean[] = [];
    node.receive = (message, now) => {
      const effects = receive(message, now);
      if (message.kind === 'answer') writes.push(effects.persist !== null);
      return effects;
    };
    cluster.pass(2_000);
    expect(cluster.disks.get(A)?.voters).toEqual(FIVE);
    expect(new Set(writes)).toEqual(new Set([false]));
  });

  test('while the set changes nobody but the holder is granted an epoch', () => {
    const cluster = new LeaseCluster(THREE).adopt();
    cluster.cutOff.add(W);
    restartHolder(cluster, FIVE);
    cluster.pass(250);
    cluster.cutOff.clear();
    cluster.cutOff.add(A);
    cluster.pass(10_000);
    cluster.claim(W);
    // The third voter never heard of the change; the second did, and refuses.
    expect(cluster.isEntitled(W)).toBe(false);
  });

  test('a datagram of the holder’s former agent that comes late does not bring the former voters back', () => {
    const cluster = new LeaseCluster(FIVE).adopt();
    const late = cluster
      .node(A)
      .tick(cluster.now + 250)
      .send.find((it) => it.to === B);
    cluster.now += 300;
    cluster.start(W, configFor(W, THREE));
    restartHolder(cluster, THREE);
    cluster.pass(1_000);
    expect(cluster.disks.get(A)?.voters).toEqual(THREE);
    const written = cluster.disks.get(B)?.digest;
    expect(written).not.toBe(FIVE.join());
    if (late === undefined) throw new Error('no request to b');
    cluster.deliver(B, late.message);
    expect(cluster.disks.get(B)?.digest).toBe(written);
    // B has not been told of the new voters by its own configuration: with the other two of the old five it would be enough.
    cluster.cutOff.add(A).add(W);
    cluster.pass(10_000);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(false);
  });

  test('changed timings of the holder are its consent, and the longest wait is remembered', () => {
    const cluster = new LeaseCluster(THREE).adopt();
    const lease = cluster.node(A).memory.lease;
    const until = cluster.node(A).entitledUntil(cluster.now);
    if (lease === null || until === null) throw new Error('no lease');
    const slower = { digest: 'slower', leaseMs: 5_000, waitMs: 7_000 };
    cluster.start(A, configFor(A, THREE, slower), { lease, until });
    cluster.pass(1_000);
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.disks.get(W)).toMatchObject({ digest: 'slower', longestWaitMs: 7_000 });
    for (const name of [B, W]) cluster.start(name, configFor(name, THREE, slower));
    cluster.cutOff.add(A);
    cluster.pass(6_500);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(false);
    cluster.pass(700);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(true);
  });
});

describe('two voters', () => {
  test('nobody can outvote anybody: the holder goes on alone, and no wait gives the other the lease', () => {
    const cluster = new LeaseCluster([A, B]).adopt();
    cluster.cutOff.add(B);
    cluster.pass(600_000);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(false);
    expect(cluster.node(B).ownView(cluster.now).grantableInMs).toBeNull();
  });

  test('a holder whose lease ended must see the other voter before it holds again', () => {
    const cluster = new LeaseCluster([A, B]).adopt();
    cluster.cutOff.add(B);
    cluster.start(A, configFor(A, [A, B]));
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(false);
    cluster.cutOff.clear();
    cluster.pass(1_000);
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('certain death hands over between two voters', () => {
    const cluster = new LeaseCluster([A, B]).adopt();
    cluster.do(A, cluster.node(A).transfer(B, 'proof', cluster.now, 500));
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });
});
