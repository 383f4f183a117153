/** One node's vote, claim and renewal, rule by rule. */
import { describe, expect, test } from 'vitest';
import { A, B, configFor, LeaseCluster, W } from '../../../support/lease-cluster.ts';

describe('begin', () => {
  test('the first lease is granted to an adoption alone', () => {
    const cluster = new LeaseCluster();
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(false);
    cluster.pass(1_000);
    cluster.adopt();
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.node(W).memory.lease).toMatchObject({ epoch: 1, holder: A });
  });

  test('a lease goes on as long as a majority answers, and ends without one after the time of the lease', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(B);
    cluster.pass(60_000);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.cutOff.add(W);
    cluster.pass(1_300);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.pass(350);
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('majority is of all configured voters, seen or not', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(A);
    cluster.cutOff.add(W);
    cluster.pass(60_000);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(false);
  });
});

describe('another holder', () => {
  test('a new epoch is granted to another holder only when the whole promotion wait has passed since the last renewal', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(A);
    cluster.pass(2_400);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(false);
    cluster.claim(B, 50);
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.pass(300);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(true);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.node(B).memory.lease?.epoch).toBe(2);
  });

  test('the candidate counts nothing itself: its own vote waits like any other', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(W);
    cluster.pass(3_000);
    // The witness has waited, the candidate hears the holder.
    cluster.cutOff.clear();
    cluster.cutOff.add(A);
    cluster.claim(B, 100);
    expect(cluster.isEntitled(B)).toBe(false);
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('a lease that ran out is never renewed, only requested anew', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(A);
    cluster.pass(1_700);
    cluster.cutOff.clear();
    cluster.pass(5_000);
    expect(cluster.node(A).holder.kind).toBe('idle');
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.node(A).memory.lease?.epoch).toBe(2);
  });

  test('an answer that comes after the lease ran out, and before anybody looked, does not renew it', () => {
    const cluster = new LeaseCluster().adopt();
    const { send } = cluster.node(A).tick(cluster.now + 250);
    const sentAt = cluster.now + 250;
    cluster.now = sentAt + 1_500;
    for (const { to, message } of send) cluster.deliver(to, message);
    expect(cluster.isEntitled(A)).toBe(false);
    expect(cluster.node(A).holder.kind).toBe('idle');
  });

  test('the last holder may have the next epoch at once', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.node(A).abandon();
    cluster.claim(A);
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('a holder whose own vote went to a newer epoch counts itself for the old one no more', () => {
    const cluster = new LeaseCluster().adopt();
    const lease = { epoch: 7, uuid: 'other', holder: B };
    const common = { from: B, nonce: 'n', digest: 'a,b,w', at: 0, waitMs: 2_700, report: '', pause: null };
    cluster.do(A, cluster.node(A).receive({ kind: 'renew', lease, forced: false, ...common }, cluster.now));
    expect(cluster.isEntitled(A)).toBe(false);
    expect(cluster.disks.get(A)?.lease).toEqual(lease);
  });
});

describe('sending and receiving', () => {
  test('an acknowledgement counts only from the moment that request was sent', () => {
    const cluster = new LeaseCluster().adopt();
    const renewal = cluster.node(A).tick(cluster.now + 250);
    const sentAt = cluster.now + 250;
    cluster.now = sentAt + 900;
    cluster.do(A, renewal);
    expect(cluster.node(A).entitledUntil(cluster.now)).toBe(sentAt + 1_600);
  });

  test('an answer counts once, and only from the voter that was asked', () => {
    const cluster = new LeaseCluster().adopt();
    const { send } = cluster.node(A).tick(cluster.now + 250);
    const toB = send.find((it) => it.to === B)?.message;
    if (toB === undefined || toB.kind === 'answer') throw new Error('no request to b');
    const { send: answers } = cluster.node(B).receive(toB, cluster.now + 250);
    const answer = answers[0]?.message;
    if (answer?.kind !== 'answer') throw new Error('no answer');
    const before = cluster.node(A).entitledUntil(cluster.now + 250);
    cluster.node(A).receive({ ...answer, from: W }, cluster.now + 260);
    expect(cluster.node(A).entitledUntil(cluster.now + 260)).toBe(before);
    cluster.node(A).receive(answer, cluster.now + 260);
    expect(cluster.node(A).entitledUntil(cluster.now + 260)).toBe(cluster.now + 1_850);
  });

  test('words of strangers, and its own that come back, are not heard', () => {
    const cluster = new LeaseCluster().adopt();
    const look = { kind: 'look', nonce: 'n', digest: 'd', at: 0, waitMs: 1, report: '' } as const;
    for (const from of [A, 'stranger' as typeof A])
      expect(cluster.node(A).receive({ ...look, from }, cluster.now).send).toEqual([]);
  });

  test('a node tells what it sees of the others, with the newest answer', () => {
    const cluster = new LeaseCluster().adopt();
    const peer = cluster.node(B).peers.get(A);
    expect(peer?.report).toBe('report of a');
    expect(peer?.answer?.view.lease?.holder).toBe(A);
  });
});

describe('disk', () => {
  test('a voter writes a new epoch down before it answers, and renewals never', () => {
    const cluster = new LeaseCluster().adopt();
    const written = cluster.writes.get(W);
    cluster.pass(30_000);
    expect(cluster.writes.get(W)).toBe(written);
    const lease = { epoch: 7, uuid: 'other', holder: B };
    const common = { from: B, nonce: 'n', digest: 'a,b,w', at: 0, waitMs: 2_700, report: '', pause: null };
    const effects = cluster.node(W).receive({ kind: 'renew', lease, forced: false, ...common }, cluster.now);
    expect(effects.persist?.lease).toEqual(lease);
    expect(effects.send).toHaveLength(1);
  });

  test('a node’s own vote counts only once it is written', () => {
    const cluster = new LeaseCluster();
    cluster.cutOff.add(B);
    const claim = cluster.node(A).claim(cluster.now, 1_000, true);
    expect(claim.persist?.lease?.holder).toBe(A);
    const toW = claim.send.find((it) => it.to === W)?.message;
    if (toW === undefined) throw new Error('no request to w');
    expect(cluster.node(A).holder.kind).toBe('claiming');
    cluster.do(W, cluster.node(W).receive(toW, cluster.now));
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('after a restart a voter renews what it promised at once, and waits before a new epoch', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(B);
    cluster.start(W, configFor(W, [A, B, W]));
    cluster.pass(250);
    expect(cluster.isEntitled(A)).toBe(true);
    cluster.cutOff.add(A);
    cluster.cutOff.delete(B);
    cluster.start(W, configFor(W, [A, B, W]));
    cluster.pass(2_500);
    cluster.claim(B, 50);
    expect(cluster.isEntitled(B)).toBe(false);
    cluster.pass(300);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('an agent that was restarted goes on with a deadline that has not passed, and with no other', () => {
    const cluster = new LeaseCluster().adopt();
    const lease = cluster.node(A).memory.lease;
    const until = cluster.node(A).entitledUntil(cluster.now);
    if (lease === null || until === null) throw new Error('no lease');
    const config = configFor(A, [A, B, W]);
    expect(cluster.start(A, config, { lease, until: cluster.now }).holder.kind).toBe('idle');
    expect(cluster.start(A, config, { lease: { ...lease, epoch: 3 }, until }).holder.kind).toBe('idle');
    const again = cluster.start(A, config, { lease, until });
    expect(again.entitledUntil(cluster.now)).toBe(until);
    cluster.pass(5_000);
    expect(cluster.isEntitled(A)).toBe(true);
    expect(cluster.node(A).memory.lease).toEqual(lease);
  });
});

describe('claims in vain', () => {
  test('a voter that granted a claim in vain is won back by a higher epoch of the same lease', () => {
    const cluster = new LeaseCluster().adopt();
    const { uuid } = cluster.node(A).memory.lease ?? { uuid: '' };
    cluster.cutOff.add(B);
    cluster.pass(3_000);
    cluster.claim(B, 100);
    expect(cluster.node(B).memory.lease).toMatchObject({ epoch: 2, holder: B });
    cluster.cutOff.clear();
    cluster.pass(1_000);
    expect(cluster.isEntitled(A)).toBe(true);
    for (const name of [A, B, W])
      expect(cluster.node(name).memory.lease).toEqual({ epoch: 3, uuid, holder: A });
  });

  test('a lease does not suffer from the attempt to go above a claim in vain', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(B);
    cluster.pass(3_000);
    cluster.claim(B, 100);
    cluster.cutOff.clear();
    cluster.pass(250);
    cluster.cutOff.add(B);
    cluster.pass(10_000);
    expect(cluster.isEntitled(A)).toBe(true);
  });
});
