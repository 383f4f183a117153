/** The whole road: each drill's fault is refused, survived or repaired, and every acknowledged row is accounted for. */
import { describe, expect, it } from 'vitest';
import { drills } from '../../src/lab/drills/catalogue.ts';
import type { DrillRun } from '../../src/lab/drills/report.ts';
import { AS_WRITTEN, runDrill } from '../../src/lab/drills/run.ts';
import { PrimacyError } from '../../src/core/model/primacy-error.ts';

/** Shorter than a person's drill in what only takes time. */
const SHORT = { ...AS_WRITTEN, standSeconds: 8, repetitions: 2 };

/** The drills of `npm test`, one for each way in which a cluster can come to grief; CONTRIBUTING.md names them. */
const rehearsed: readonly (readonly [name: string, also: (run: DrillRun) => void])[] = [
  ['kill-postgres', (run) => expect(run.account).toMatchObject({ onlyInBundle: 0, dualPrimarySeconds: 0 })],
  ['power-off', (run) => expect(run.seconds.dualPrimary).toBe(0)],
  [
    'partition',
    (run) => {
      expect(run.seconds.dualPrimary).toBe(0);
      // The client wrote to the side that lost until its lease ran out.
      expect(run.account?.onlyInBundle).toBeGreaterThan(0);
    },
  ],
  ['promote-by-hand', (run) => expect(run.counts).toEqual({ promotions: 2, refused: 2, rowsOnWrongNode: 0 })],
  [
    'dual-primary',
    (run) => {
      expect(run.seconds.dualPrimary).toBeGreaterThan(0);
      expect(run.account?.bundles).toHaveLength(1);
    },
  ],
  ['vip-conflict', (run) => expect(run.account?.bundles).toEqual([])],
];

describe.each(rehearsed)('drill %s', (name, also) => {
  it('ends with one whole cluster and every acknowledged row accounted for', async () => {
    const lines: string[] = [];
    const report = await runDrill(name, 1, (line) => lines.push(line), SHORT);
    expect({ why: report.runs.map((run) => run.why), lines }).toMatchObject({ why: [null] });
    const [run] = report.runs;
    if (run === undefined) throw new Error('the drill has no run');
    expect(run.account).toMatchObject({ nowhere: 0, nowhereIds: [] });
    expect(run.account?.acknowledged).toBeGreaterThan(0);
    expect(run.seconds.repaired).not.toBeNull();
    also(run);
  });
});

describe('the drills', () => {
  it('are named to somebody who asks for another', async () => {
    await expect(runDrill('earthquake', 1, () => undefined)).rejects.toThrow(PrimacyError);
    await expect(runDrill('earthquake', 1, () => undefined)).rejects.toThrow([...drills.keys()].join(', '));
  });
});
