/** A voter that has forgotten, or is new, takes nobody's word alone for the newest lease. */
import { describe, expect, test } from 'vitest';
import type { LeaseId } from '../../../../src/core/lease/lease.ts';
import type { VoterView } from '../../../../src/core/lease/message.ts';
import { whyNotTrusted } from '../../../../src/core/lease/recollection.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { A, B, configFor, LeaseCluster, W, withoutOthers, X, Y } from '../../../support/lease-cluster.ts';

/** `w` begins again with an empty disk. */
function forget(cluster: LeaseCluster): void {
  cluster.disks.delete(W);
  cluster.start(W, configFor(W, [A, B, W]));
}

describe('a witness with a new disk', () => {
  test('does not help a former primary whose host stood still while it helped another one there', () => {
    const cluster = new LeaseCluster().adopt();
    const [lease, until] = [cluster.node(A).memory.lease, cluster.node(A).entitledUntil(cluster.now)];
    if (lease === null || until === null) throw new Error('no lease');
    cluster.cutOff.add(A);
    cluster.pass(5_000);
    cluster.claim(B);
    expect(cluster.isEntitled(B)).toBe(true);
    cluster.cutOff.add(B).delete(A);
    forget(cluster);
    // Its clock stood still with it.
    cluster.start(A, configFor(A, [A, B, W]), { lease, until: cluster.now + 1_000 });
    cluster.pass(3_000);
    expect(cluster.isEntitled(A)).toBe(false);
    expect(cluster.node(W).memory.lease).toBeNull();
    cluster.cutOff.clear();
    cluster.pass(1_000);
    expect(cluster.node(A).memory.lease?.holder).toBe(A);
    expect(cluster.isEntitled(A)).toBe(false);
  });

  test('stands by the holder as soon as both other voters have told what they know', () => {
    const cluster = new LeaseCluster().adopt();
    forget(cluster);
    cluster.cutOff.add(B);
    cluster.pass(500);
    expect(cluster.node(W).memory.lease).toBeNull();
    cluster.cutOff.clear();
    cluster.pass(750);
    expect(cluster.node(W).memory.lease?.holder).toBe(A);
    expect(cluster.isEntitled(A)).toBe(true);
  });

  test('takes a person’s word, who overruled voters that are lost', () => {
    const cluster = withoutOthers();
    cluster.override(B, 3_600_000);
    cluster.cutOff.delete(W);
    forget(cluster);
    cluster.pass(500);
    expect(cluster.isOverridden(B)).toBe(false);
    expect(cluster.isEntitled(B)).toBe(true);
  });

  test('nor does it believe that a lease was given away', () => {
    const cluster = new LeaseCluster().adopt();
    forget(cluster);
    cluster.cutOff.add(B);
    cluster.do(A, cluster.node(A).transfer(B, 'proof', cluster.now, 500));
    expect(cluster.node(W).memory.lease).toBeNull();
  });
});

describe('how many must have answered, and what', () => {
  const lease = (epoch: number, holder: NodeName = A): LeaseId => ({ epoch, uuid: `u${epoch}`, holder });
  const view = (newest: LeaseId | null, transferredTo: NodeName | null = null): VoterView => {
    const nothing = { heardAgoMs: null, begun: newest, grantableInMs: null, pause: null };
    return { lease: newest, transferredTo, ...nothing };
  };
  const judge = (
    voters: readonly NodeName[],
    views: readonly (readonly [NodeName, VoterView])[],
  ): string | null => {
    const request = { from: A, nonce: 'n', digest: '', at: 0, waitMs: 0, report: '' };
    return whyNotTrusted(configFor(W, voters), new Map(views), {
      ...request,
      kind: 'renew',
      lease: lease(3),
      forced: false,
      pause: null,
    });
  };
  const old = view(lease(3));
  const FIVE = [A, B, W, X, Y];

  test('a majority of all voters among the others', () => {
    expect(judge([A, B, W], [[A, old]])).toBe('no-memory');
    expect(judge([A, B, W], [[A, old], [B, view(null)]])).toBeNull(); // prettier-ignore
    expect(judge(FIVE, [[A, old], [B, old]])).toBe('no-memory'); // prettier-ignore
    expect(judge(FIVE, [[A, old], [B, old], [Y, old]])).toBeNull(); // prettier-ignore
  });

  test('of two voters the other one', () => {
    expect(judge([A, W], [])).toBe('no-memory');
    expect(judge([A, W], [[A, old]])).toBeNull();
  });

  test('a stranger’s answer counts for nothing', () => {
    expect(judge([A, B, W], [[A, old], [X, old]])).toBe('no-memory'); // prettier-ignore
    expect(judge([A, B, W], [[A, old], [B, old], [X, view(lease(9, X))]])).toBeNull(); // prettier-ignore
  });

  test('whoever knows better is believed at once', () => {
    expect(judge([A, B, W], [[B, view(lease(4, B))]])).toBe('old-epoch');
    expect(judge([A, B, W], [[B, view({ epoch: 3, uuid: 'other', holder: B })]])).toBe('other-lease');
    expect(judge([A, B, W], [[B, view(lease(3), B)]])).toBe('transferred');
  });
});
