/** How a lease by a person's word ends, and how it goes on with an agent that was restarted. */
import { describe, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import {
  A,
  B,
  configFor,
  type LeaseCluster,
  W,
  withoutOthers,
  X,
  Y,
} from '../../../support/lease-cluster.ts';

const HOUR_MS = 3_600_000;

/** Restarts the agent with what it left on tmpfs. */
function restart(cluster: LeaseCluster, name: NodeName, voters: readonly NodeName[], untilMs?: number): void {
  const { lease } = cluster.node(name).memory;
  const until = cluster.node(name).entitledUntil(cluster.now);
  if (lease === null || until === null) throw new Error('no lease');
  cluster.start(name, configFor(name, voters), { lease, until, overrideUntil: untilMs ?? null });
}

describe('an override ends', () => {
  test('when it expires, to the millisecond, and nothing renews it', () => {
    const cluster = withoutOthers();
    cluster.override(B, 10_000);
    const untilMs = cluster.now - 50 + 10_000;
    cluster.pass(9_500);
    expect(cluster.node(B).entitledUntil(cluster.now)).toBe(untilMs);
    expect(cluster.node(B).entitledUntil(untilMs)).toBe(null);
    cluster.pass(500);
    expect(cluster.node(B).holder.kind).toBe('idle');
    cluster.pass(5_000);
    expect(cluster.isEntitled(B)).toBe(false);
  });

  test('as soon as the ordinary majority stands by its lease, which then goes on, and ends, like any other', () => {
    const cluster = withoutOthers();
    cluster.override(B, 10_000);
    const { lease } = cluster.node(B).memory;
    cluster.cutOff.delete(W);
    cluster.pass(500);
    expect(cluster.isOverridden(B)).toBe(false);
    cluster.pass(60_000);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.node(B).memory.lease).toEqual(lease);
    cluster.cutOff.add(W);
    cluster.pass(1_700);
    expect(cluster.isEntitled(B)).toBe(false);
  });

  test('no sooner than a voter stands by all that was earned without it', () => {
    const cluster = withoutOthers();
    cluster.override(B, HOUR_MS);
    // The witness grants a request that was sent 200 ms ago; the own vote has been renewed since.
    cluster.cutOff.delete(W);
    const late = cluster.node(B).tick((cluster.now += 250));
    const toW = late.send.find((it) => it.to === W)?.message;
    cluster.do(B, cluster.node(B).tick((cluster.now += 250)));
    const before = cluster.node(B).entitledUntil(cluster.now);
    if (toW === undefined) throw new Error('no request to w');
    cluster.deliver(W, toW);
    expect(cluster.node(B).entitledUntil(cluster.now)).toBe(before);
  });

  test('with two voters not by its own vote alone, although a lease goes on by that: only once the other one granted it', () => {
    const cluster = withoutOthers([A, B]);
    cluster.override(B, 10_000);
    cluster.pass(5_000);
    expect(cluster.isOverridden(B)).toBe(true);
    cluster.pass(5_000);
    expect(cluster.isEntitled(B)).toBe(false);

    const again = withoutOthers([A, B]);
    again.override(B, 10_000);
    // The other node is installed anew, under its old name.
    again.disks.delete(A);
    again.start(A, configFor(A, [A, B]));
    again.cutOff.clear();
    again.pass(500);
    again.cutOff.add(A);
    expect(again.isOverridden(B)).toBe(false);
    again.pass(20_000);
    expect(again.isEntitled(B)).toBe(true);
  });

  test('when the lease is given away or left to run out', () => {
    const cluster = withoutOthers();
    cluster.override(B, HOUR_MS);
    cluster.do(B, cluster.node(B).transfer(A, 'proof', cluster.now, 500));
    cluster.pass(5_000);
    expect(cluster.isEntitled(B)).toBe(false);

    const other = withoutOthers();
    other.override(B, HOUR_MS);
    other.node(B).abandon();
    other.pass(5_000);
    expect(other.isEntitled(B)).toBe(false);
  });
});

describe('an agent that is restarted under an override', () => {
  test('goes on by its own vote alone, no longer than the override, and not without one', () => {
    const cluster = withoutOthers();
    cluster.override(B, 10_000);
    const untilMs = cluster.now - 50 + 10_000;
    restart(cluster, B, [A, B, W], untilMs);
    expect(cluster.isEntitled(B)).toBe(true);
    cluster.pass(5_000);
    expect(cluster.isEntitled(B)).toBe(true);
    cluster.pass(5_000);
    expect(cluster.isEntitled(B)).toBe(false);

    const rebooted = withoutOthers();
    rebooted.override(B, HOUR_MS);
    restart(rebooted, B, [A, B, W]);
    rebooted.pass(2_000);
    expect(rebooted.isEntitled(B)).toBe(false);
  });

  test('counts by the voters that its configuration has now: the old ones are those that are lost', () => {
    const cluster = withoutOthers();
    cluster.override(B, HOUR_MS);
    const voters = [B, X, Y];
    restart(cluster, B, voters, cluster.now + HOUR_MS);
    cluster.pass(300);
    expect(cluster.disks.get(B)?.voters).toEqual(voters);
    expect(cluster.isOverridden(B)).toBe(true);
    cluster.start(X, configFor(X, voters));
    cluster.pass(500);
    expect(cluster.isOverridden(B)).toBe(false);
    expect(cluster.isEntitled(B)).toBe(true);
    expect(cluster.disks.get(X)?.lease).toEqual(cluster.disks.get(B)?.lease);
  });
});
