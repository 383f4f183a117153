/** Time as something that is handed in: wall clock for display, monotonic clock for decisions, and waiting that can be cancelled. */
import { uptime } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { EpochMillis } from '../core/model/names.ts';

export interface Clock {
  /** Wall clock, for display and journal entries. */
  readonly wallMillis: () => EpochMillis;
  /** Monotonic, for every duration. Milliseconds with fractions. */
  readonly monotonicMillis: () => number;
  /** Waits; rejects with an `AbortError`, whose cause is the signal's reason, when it is aborted. */
  readonly wait: (milliseconds: number, signal?: AbortSignal) => Promise<void>;
}

export const systemClock: Clock = {
  wallMillis: () => Date.now() as EpochMillis,
  monotonicMillis: () => performance.now(),
  wait: async (milliseconds, signal) => {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  },
};

/**
 * Milliseconds of CLOCK_BOOTTIME, which goes on while the host sleeps: the clock of the lease. Whole multiples of 10, rounded down,
 * because it is read from /proc/uptime, so that it can be compared with what shell scripts read there. Never goes back; starts at 0
 * with each boot, so it must not be kept on a disk.
 */
export function bootMillis(): number {
  return Math.round(uptime() * 1000);
}

/**
 * Looks until `look` returns something other than undefined, at most `limitMillis` long.
 * Returns undefined where the limit passed; never longer than the limit plus one look.
 */
export async function pollUntil<T>(
  clock: Clock,
  limitMillis: number,
  intervalMillis: number,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const end = clock.monotonicMillis() + limitMillis;
  for (;;) {
    const seen = await look();
    if (seen !== undefined) return seen;
    const left = end - clock.monotonicMillis();
    if (left <= 0) return undefined;
    await clock.wait(Math.min(intervalMillis, left));
  }
}
