/** Goal: never two holders, whatever the network, the clocks and the hosts do. Method: real machines under an arbitrary schedule of events. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { DRIFT, LeaseSchedule, type Act, type Step } from '../../../support/lease-schedule.ts';

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: fc.integer({ min: 1, max: 600 }),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'deliver-all' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('deliver', 'repeat', 'lose'), which: fc.nat() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom<Act[]>(
        ...([
          'claim',
          'claim',
          'transfer',
          'restart',
          'reboot',
          'kill',
          'abandon',
          'pause',
          'end-pause',
        ] as const),
      ),
      node: fc.nat(),
      to: fc.nat(),
    }),
  },
);

test.each([2, 3, 4, 5])(
  'of %i voters at most one is entitled at any time, and each grants an epoch once',
  (voters) => {
    const rates = fc.array(fc.constantFrom(1, DRIFT, Math.sqrt(DRIFT)), {
      minLength: voters,
      maxLength: voters,
    });
    fc.assert(
      fc.property(rates, fc.array(anyStep, { minLength: 20, maxLength: 150 }), (clocks, steps) => {
        const schedule = new LeaseSchedule(voters, clocks);
        for (const it of steps) {
          schedule.take(it);
          expect(schedule.holders().length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  },
);
