/** Waiting has a limit and looks at least once. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { EpochMillis } from '../../../src/core/model/names.ts';
import { bootMillis, pollUntil, systemClock, type Clock } from '../../../src/world/clock.ts';

/** Time that passes only by waiting. */
function steppedClock(): Clock & { readonly waits: readonly number[] } {
  let now = 0;
  const waits: number[] = [];
  return {
    wallMillis: () => now as EpochMillis,
    monotonicMillis: () => now,
    wait: async (milliseconds) => {
      waits.push(milliseconds);
      now += milliseconds;
    },
    waits,
  };
}

describe('pollUntil', () => {
  it('returns what was seen, without a wait where it is there at once', async () => {
    const clock = steppedClock();
    expect(await pollUntil(clock, 1_000, 100, async () => 'seen')).toBe('seen');
    expect(clock.waits).toEqual([]);
  });

  it('takes null and false for something seen', async () => {
    expect(await pollUntil(steppedClock(), 1_000, 100, async () => null)).toBe(null);
    expect(await pollUntil(steppedClock(), 1_000, 100, async () => false)).toBe(false);
  });

  it('looks once more when the limit has passed, and not again', async () => {
    const clock = steppedClock();
    let looks = 0;
    const seen = await pollUntil(clock, 250, 100, async () => {
      looks += 1;
      return undefined;
    });
    expect(seen).toBe(undefined);
    expect(looks).toBe(4);
    expect(clock.waits).toEqual([100, 100, 50]);
  });

  it('looks once even where there is no time at all', async () => {
    expect(await pollUntil(steppedClock(), 0, 100, async () => 'seen')).toBe('seen');
  });

  it('hands on what a look throws', async () => {
    const broken = pollUntil(steppedClock(), 1_000, 100, () => Promise.reject(new Error('broken')));
    await expect(broken).rejects.toThrow('broken');
  });
});

describe('the system clock', () => {
  it('never runs backwards where durations are measured', () => {
    const first = systemClock.monotonicMillis();
    expect(systemClock.monotonicMillis()).toBeGreaterThanOrEqual(first);
  });

  it('ends a wait that is aborted', async () => {
    await expect(systemClock.wait(60_000, AbortSignal.abort(new Error('stopped')))).rejects.toThrow(
      'aborted',
    );
  });
});

describe('bootMillis', () => {
  it('is what shell scripts read in /proc/uptime, in whole milliseconds', () => {
    const read = (): number =>
      Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]?.replace('.', '')) * 10;
    const before = read();
    const seen = bootMillis();
    expect(Number.isInteger(seen)).toBe(true);
    expect(seen).toBeGreaterThanOrEqual(before);
    expect(seen).toBeLessThanOrEqual(read());
  });
});
