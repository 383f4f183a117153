/** Goal: nobody decides on a look that began too early, and many readers cost one look. Method: looks that end when the test says so. */
import { expect, it } from 'vitest';
import type { Snapshot } from '../../../../src/core/model/observation.ts';
import { makeLookout } from '../../../../src/responder/execute/lookout.ts';
import { fakeClock } from '../../../support/fake-clock.ts';
import { healthyPair, node, snapshotOf } from '../../../support/snapshot.ts';

function lookoutWithHand() {
  const clock = fakeClock();
  const begun: PromiseWithResolvers<Snapshot>[] = [];
  const lookout = makeLookout(() => {
    const one = Promise.withResolvers<Snapshot>();
    begun.push(one);
    return one.promise;
  }, clock);
  return { clock, begun, lookout, end: () => begun.at(-1)?.resolve(healthyPair()) };
}

it('shares a look that is under way with whoever may use it', async () => {
  const { clock, begun, lookout, end } = lookoutWithHand();
  const since = clock.monotonicMillis();
  const both = [lookout.lookSince(since), lookout.lookSince(since)];
  end();
  const [one, other] = await Promise.all(both);
  expect(begun.length).toBe(1);
  expect(one).toBe(other);
});

it('begins another look for whoever must not use the one under way', async () => {
  const { clock, begun, lookout, end } = lookoutWithHand();
  const early = lookout.lookSince(clock.monotonicMillis());
  const acted = clock.monotonicMillis();
  const late = lookout.lookSince(acted);
  expect(begun.length).toBe(2);
  end();
  expect((await late).beganAt).toBeGreaterThan(acted);
  begun[0]?.resolve(healthyPair());
  expect((await early).beganAt).toBeLessThan(acted);
});

it('hands out the last look while it is new enough, and not longer', async () => {
  const { clock, begun, lookout, end } = lookoutWithHand();
  const first = lookout.lookSince(0);
  end();
  const { beganAt } = await first;
  expect((await lookout.lookSince(beganAt)).beganAt).toBe(beganAt);
  const second = lookout.lookSince(clock.monotonicMillis());
  end();
  await second;
  expect(begun.length).toBe(2);
});

it('keeps the newer look where an older one ends later', async () => {
  const { clock, begun, lookout } = lookoutWithHand();
  const early = lookout.lookSince(clock.monotonicMillis());
  const late = lookout.lookSince(clock.monotonicMillis());
  begun[1]?.resolve(healthyPair());
  await late;
  begun[0]?.resolve(healthyPair());
  await early;
  expect(await lookout.lookSince((await early).beganAt)).toBe(await late);
  expect(begun.length).toBe(2);
});

it('looks at one node anew and keeps the others and the age of the look before', async () => {
  const clock = fakeClock();
  const only: (string | undefined)[] = [];
  const lookout = makeLookout((name) => {
    only.push(name);
    return Promise.resolve(name === undefined ? healthyPair() : snapshotOf({ pg2: 'no route' }));
  }, clock);
  const base = await lookout.lookSince(clock.monotonicMillis());
  const look = await lookout.lookAt(base, node('pg2'));
  expect(only).toEqual([undefined, 'pg2']);
  expect(look.beganAt).toBe(base.beganAt);
  expect([...look.snapshot.nodes.values()].map((seen) => seen.kind)).toEqual(['known', 'unknown']);
});
