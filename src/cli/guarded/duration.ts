/** A duration as people type it: 45s, 30m or 2h. */
import { InvalidArgumentError } from 'commander';

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600 };

/** In seconds. Throws `InvalidArgumentError`, which commander turns into exit code 64's sentence, where it is none or out of bounds. */
export function durationWithin(least: number, most: number): (value: string) => number {
  return (value) => {
    const [, count, unit] = /^(\d{1,6})([smh])$/.exec(value) ?? [];
    const seconds = Number(count) * (SECONDS[unit ?? ''] ?? Number.NaN);
    if (!(seconds >= least && seconds <= most))
      throw new InvalidArgumentError(`Expected 45s, 30m or 2h, from ${least} s to ${most / 3_600} h.`);
    return seconds;
  };
}
