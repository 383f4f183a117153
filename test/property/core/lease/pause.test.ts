/** Goal: a pause never makes a second holder. Method: a holder that is paused, and then agents that die, forget and claim, at any moment. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRIFT, LeaseSchedule, type Act, type Step } from '../../../support/lease-schedule.ts';

const acts = (...kinds: readonly Act[]): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constantFrom(...kinds), node: fc.nat({ max: 4 }), to: fc.nat({ max: 5_000 }) });
const passes = (min: number, max: number): fc.Arbitrary<Step> =>
  fc.record({ kind: fc.constant('pass' as const), milliseconds: fc.integer({ min, max }) });

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: passes(1, 300) },
  { weight: 2, arbitrary: passes(500, 1_500) },
  { weight: 6, arbitrary: fc.constant({ kind: 'deliver-all' as const }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('repeat', 'lose'), which: fc.nat() }) },
  { weight: 4, arbitrary: acts('claim') },
  { weight: 3, arbitrary: acts('restart', 'reboot', 'kill') },
  { weight: 2, arbitrary: acts('pause', 'end-pause') },
);

/** Of the first node, and all have it in writing. */
const PAUSED: readonly Step[] = [
  { kind: 'pass', milliseconds: 50 },
  { kind: 'deliver-all' },
  { kind: 'deliver-all' },
  { kind: 'pause', node: 0, to: 2_000 },
  { kind: 'deliver-all' },
  { kind: 'deliver-all' },
];

test.each([3, 5])('of %i voters at most one is entitled while pauses begin and end', (voters) => {
  const rates = fc.array(fc.constantFrom(1, DRIFT), { minLength: voters, maxLength: voters });
  fc.assert(
    fc.property(rates, fc.array(anyStep, { minLength: 10, maxLength: 60 }), (clocks, steps) => {
      const schedule = new LeaseSchedule(voters, clocks);
      for (const it of PAUSED) schedule.take(it);
      for (const it of steps) {
        schedule.take(it);
        expect(schedule.holders().length).toBeLessThanOrEqual(1);
        expect(schedule.broken).toEqual([]);
      }
    }),
    { numRuns: 400 },
  );
});
