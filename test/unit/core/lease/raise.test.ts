/** A holder goes above a claim in vain, and never above a lease that another node has held: it would go on without what was written under it. */
import { describe, expect, test } from 'vitest';
import type { Sent } from '../../../../src/core/lease/exchange.ts';
import { hold, IDLE, type HolderState } from '../../../../src/core/lease/holder.ts';
import type { LeaseId } from '../../../../src/core/lease/lease.ts';
import type { VoterView } from '../../../../src/core/lease/message.ts';
import { heed } from '../../../../src/core/lease/raise.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { A, B, configFor, LeaseCluster, W, X, Y } from '../../../support/lease-cluster.ts';

const lease = (holder: NodeName, epoch: number): LeaseId => ({ epoch, uuid: `${holder}${epoch}`, holder });
const MINE = lease(A, 4);
const NOW = 50_000;
const TERMS = { ...configFor(A, [A, B, W]), now: NOW, nextEpoch: 6 };

/** The voter refuses a renewal because of what it stands by. */
function refused(state: HolderState, stands: LeaseId, begun: LeaseId | null): HolderState {
  const request: Sent = { at: NOW - 10, to: W, lease: MINE, transfer: false };
  return heed(state, { request, verdict: 'old-epoch', view: { lease: stands, begun } }, TERMS);
}

describe('a holder that a voter refuses for a higher epoch', () => {
  const holding = hold(MINE, new Map([[A, NOW - 100]]), null, null);

  test('goes above a claim that was never renewed', () => {
    expect(refused(holding, lease(B, 5), MINE)).toMatchObject({ raise: { lease: { ...MINE, epoch: 6 } } });
  });

  test('ends where that lease was renewed: it was another node’s, and this host stood still', () => {
    expect(refused(holding, lease(B, 5), lease(B, 5))).toBe(IDLE);
  });

  test('ends where a lease between was renewed: the claim in vain after it hides nothing', () => {
    expect(refused(holding, lease(B, 6), lease(B, 5))).toBe(IDLE);
  });

  test('goes above its own claims', () => {
    expect(refused(holding, lease(A, 5), lease(A, 5))).toMatchObject({ raise: { lease: { epoch: 6 } } });
  });

  test('hears of its end from a voter that it asked for something else, too', () => {
    const view = { lease: lease(B, 5), begun: lease(B, 5) };
    const request: Sent = { at: NOW - 10, to: W, lease: null, transfer: false };
    expect(heed(holding, { request, verdict: 'seen', view }, TERMS)).toBe(IDLE);
    const older = { lease: lease(B, 3), begun: lease(B, 3) };
    expect(heed(holding, { request, verdict: 'seen', view: older }, TERMS)).toBe(holding);
  });

  test('goes above any lease by a person’s word', () => {
    const forced = hold(MINE, new Map([[A, NOW - 100]]), NOW + 60_000, null);
    for (const begun of [lease(B, 5), null])
      expect(refused(forced, lease(B, 5), begun)).toMatchObject({ override: { outvoted: { since: NOW } } });
  });
});

test('a holder whose own vote went to a rival of its epoch wins that vote back', () => {
  const cluster = new LeaseCluster([A, B, W, X, Y]).adopt();
  cluster.cutOff.add(A);
  cluster.pass(3_000);
  // Its own vote still has to wait; the last holder need not, and is heard for a moment.
  const b = cluster.start(B, configFor(B, [A, B, W, X, Y]));
  const { send } = b.claim(cluster.now, 1_000);
  const rival = cluster
    .node(A)
    .claim(cluster.now, 1_000)
    .send.find((it) => it.to === B);
  cluster.do(B, b.receive(rival!.message, cluster.now));
  expect(b.ownView(cluster.now)).toMatchObject({
    lease: { holder: A, epoch: 2 },
    begun: { holder: A, epoch: 1 },
  });
  cluster.do(B, { persist: null, send });
  expect(b.holder).toMatchObject({ kind: 'holding', lease: { holder: B, epoch: 2 } });
  cluster.pass(1_000);
  expect(b.ownView(cluster.now)).toMatchObject({
    lease: { holder: B, epoch: 3 },
    begun: { holder: B, epoch: 3 },
  });
});

describe('whether a lease was ever renewed', () => {
  const seenBy = (cluster: LeaseCluster, voter: NodeName): Pick<VoterView, 'lease' | 'begun'> =>
    cluster.node(voter).ownView(cluster.now);

  test('is known to each voter that heard its holder', () => {
    const cluster = new LeaseCluster().adopt();
    expect(seenBy(cluster, W).begun).toMatchObject({ holder: A, epoch: 1 });
    expect(seenBy(cluster, A).begun).toMatchObject({ holder: A, epoch: 1 });
  });

  test('is remembered by one that was started again, and written once', () => {
    const cluster = new LeaseCluster().adopt();
    const written = cluster.writes.get(W);
    cluster.start(W, configFor(W, [A, B, W]));
    expect(seenBy(cluster, W).begun).toMatchObject({ holder: A, epoch: 1 });
    cluster.pass(1_000);
    expect(cluster.writes.get(W)).toBe(written);
  });

  test('is denied of a claim in vain, and of an override', () => {
    const cluster = new LeaseCluster().adopt();
    cluster.cutOff.add(B);
    cluster.pass(3_000);
    cluster.claim(B, 100);
    expect(seenBy(cluster, B)).toMatchObject({ lease: { epoch: 2, holder: B }, begun: { holder: A } });
    cluster.override(B, 60_000);
    cluster.pass(1_000);
    expect(seenBy(cluster, B)).toMatchObject({ lease: { holder: B }, begun: { holder: A } });
  });
});
