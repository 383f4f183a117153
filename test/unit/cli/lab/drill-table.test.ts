/** The table of drills: a line for each, and why a run failed. */
import { describe, expect, it } from 'vitest';
import { drillTable } from '../../../../src/cli/lab/drill-table.ts';
import { labTimings } from '../../../../src/lab/configure/cluster.ts';
import { NO_SECONDS, reportOf, type DrillRun } from '../../../../src/lab/drills/report.ts';

const run = (over: Partial<DrillRun>): DrillRun => ({
  ok: true,
  seconds: { detected: 0.51, writeOutage: 0.7, dualPrimary: 0, repaired: 2 },
  account: null,
  counts: {},
  alerts: [],
  took: 20.4,
  why: null,
  ...over,
});
const failed = run({ ok: false, seconds: NO_SECONDS, why: 'no host is writable' });

describe('the table of drills', () => {
  it('has one figure for one run', () => {
    const [, line] = drillTable([reportOf('kill-postgres', labTimings(), [run({})])]);
    expect(line?.split(/ {2,}/)).toEqual(['kill-postgres', 'ok', '0.5', '0.7', '0.0', '2.0', '0', '0', '20']);
  });

  it('has median and worst for several, and what the drill counted', () => {
    const runs = [
      run({ counts: { refused: 2 } }),
      run({ seconds: { detected: null, writeOutage: 1.4, dualPrimary: 0, repaired: 3 } }),
    ];
    const [, line, ...more] = drillTable([reportOf('partition', labTimings(), runs)]);
    expect(line).toContain('1.4 / 1.4');
    expect(line).toContain('0.5 / 0.5');
    expect(more).toEqual(['partition 1: refused 2']);
  });

  it('says that a drill failed, which run, and why', () => {
    const [, line, ...more] = drillTable([reportOf('partition', labTimings(), [run({}), failed])]);
    expect(line).toMatch(/^partition +FAILED/);
    expect(more).toEqual(['partition 2: failed: no host is writable']);
  });

  it('keeps its columns under their headings', () => {
    const lines = drillTable([
      reportOf('a', labTimings(), [run({})]),
      reportOf('a-much-longer-name', labTimings(), [run({})]),
    ]);
    expect(new Set(lines.map((line) => line.search(/ok|detected/))).size).toBeLessThanOrEqual(2);
    expect(lines[1]?.indexOf('0.5')).toBe(lines[0]?.indexOf('detected'));
  });
});
