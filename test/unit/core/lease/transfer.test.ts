/** A lease given away: dead for its giver, free for its successor. */
import { describe, expect, test } from 'vitest';
import { A, B, configFor, LeaseCluster, W } from '../../../support/lease-cluster.ts';

function give(cluster: LeaseCluster): void {
  cluster.do(A, cluster.node(A).transfer(B, 'proof', cluster.now, 500));
}

describe('transfer', () => {
  test('from the call on the giver is entitled to nothing, and the named successor need not wait', () => {
    const cluster = new LeaseCluster().adopt();
    give(cluster);
    expect(cluster.isEntitled(A)).toBe(false);
    expect(cluster.node(B).bequest).toMatchObject({ lease: { epoch: 1, holder: A }, proof: 'proof' });
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.node(B).bequest).toBeNull();
  });

  test('nobody but the successor is spared the wait, the giver neither', () => {
    const cluster = new LeaseCluster().adopt();
    give(cluster);
    cluster.pass(100);
    cluster.claim(W, 200);
    cluster.claim(A, 200);
    cluster.pass(300);
    expect([A, W].filter((it) => cluster.isEntitled(it))).toEqual([]);
  });

  test('an epoch that was given away is dead for ever, also after a restart and for late renewals', () => {
    const cluster = new LeaseCluster().adopt();
    const late = cluster.node(A).tick(cluster.now + 250);
    const lease = cluster.node(A).memory.lease;
    if (lease === null) throw new Error('no lease');
    give(cluster);
    cluster.do(A, late);
    expect(cluster.node(W).memory.transferredTo).toBe(B);
    const again = cluster.start(A, configFor(A, [A, B, W]), { lease, until: cluster.now + 1_000 });
    expect(again.holder.kind).toBe('idle');
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('a lease is given to one successor, not to a second', () => {
    const cluster = new LeaseCluster().adopt();
    give(cluster);
    cluster.do(A, cluster.node(A).transfer(W, 'proof', cluster.now, 500));
    expect(cluster.node(W).memory.transferredTo).toBe(B);
  });

  test('only a holder has something to give', () => {
    const cluster = new LeaseCluster().adopt();
    const effects = cluster.node(W).transfer(B, 'proof', cluster.now, 500);
    expect(effects.send).toEqual([]);
  });

  test('the proof goes to the successor alone', () => {
    const cluster = new LeaseCluster().adopt();
    const { send } = cluster.node(A).transfer(B, 'proof', cluster.now, 500);
    const proofs = send.map(({ to, message }) => [to, message.kind === 'transfer' ? message.proof : '']);
    expect(proofs).toEqual([
      [B, 'proof'],
      [W, null],
    ]);
  });

  test('a renewal that a voter acknowledged is no acknowledgement of the transfer', () => {
    const cluster = new LeaseCluster().adopt();
    const renewal = cluster.node(A).tick(cluster.now + 250);
    cluster.cutOff.add(B);
    cluster.cutOff.add(W);
    give(cluster);
    cluster.cutOff.clear();
    cluster.do(A, renewal);
    const { holder } = cluster.node(A);
    expect(holder.kind === 'transferring' && holder.acknowledged.has(B)).toBe(false);
  });

  test('a transfer that reached nobody is told on, with its proof, until a newer epoch is known', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(A);
    give(cluster);
    cluster.pass(1_000);
    expect(cluster.node(A).holder.kind).toBe('idle');
    expect(cluster.node(B).bequest).toBeNull();
    cluster.cutOff.clear();
    cluster.pass(300);
    expect(cluster.node(B).bequest?.proof).toBe('proof');
    cluster.claim(B);
    cluster.pass(300);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.node(A).memory.lease?.holder).toBe(B);
  });

  test('a giver that was restarted has no proof to give: its transfer only ends the wait', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(A);
    give(cluster);
    cluster.start(A, configFor(A, [A, B, W]));
    cluster.cutOff.clear();
    cluster.pass(300);
    expect(cluster.node(B).bequest).toBeNull();
    expect(cluster.node(B).memory.transferredTo).toBe(B);
    expect(cluster.node(B).mayClaim(cluster.now, 1_000)).toBe(true);
  });
});
