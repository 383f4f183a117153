/** A clock whose waits take no time: what is waited for is added to its reading. */
import type { EpochMillis } from '../../src/core/model/names.ts';
import type { Clock } from '../../src/world/clock.ts';

/** Starts at a fixed moment; every reading moves it by a little, so that nothing happens at one instant. */
export function fakeClock(): Clock {
  let monotonic = 1_000;
  const read = (): number => {
    monotonic += 0.001;
    return monotonic;
  };
  return {
    wallMillis: () => Math.floor(1_790_000_000_000 + read()) as EpochMillis,
    monotonicMillis: read,
    wait: async (milliseconds, signal) => {
      signal?.throwIfAborted();
      monotonic += milliseconds;
      await Promise.resolve();
    },
  };
}
