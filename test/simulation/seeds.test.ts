/** Simulated hosts, clocks and networks, broken at random: never two writers, and one in the end. */
import { describe, expect, test } from 'vitest';
import { simulate } from './simulate.ts';
import { REAL } from './subject.ts';

/** Ten simulated minutes each. `npm run simulate -- --seeds 10000` runs more, `-- --seed N` tells the story of one. */
const PER_TEST = 25;

describe('two nodes never acknowledge writes at once, epochs only grow, and all is well again after the faults', () => {
  test.each([1, 2, 3, 4, 5, 6])('in batch %i of seeds', (batch) => {
    const from = (batch - 1) * PER_TEST + 1;
    const results = Array.from({ length: PER_TEST }, (_, index) => simulate(from + index, REAL));
    const failed = results.filter((it) => it.violations.length > 0);
    expect(failed.map(({ seed, violations }) => ({ seed, violations }))).toEqual([]);
    for (const it of results) {
      expect(it.faults).toBeGreaterThanOrEqual(20);
      // Where the faults led to a refusal that only a person can end, nobody was promoted, and that is right.
      expect(it.waitsFor !== null || it.failovers >= 1).toBe(true);
      expect(it.simulatedSeconds).toBeGreaterThanOrEqual(600);
    }
  });
});

test('a seed replays exactly', () => {
  const story = (): readonly string[] => {
    const lines: string[] = [];
    simulate(7, REAL, (line) => lines.push(line));
    return lines;
  };
  const first = story();
  expect(first.length).toBeGreaterThan(100);
  expect(story()).toEqual(first);
});
