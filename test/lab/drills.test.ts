/** The whole road: each drill's fault is found by the rules, repaired by the responder, and every acknowledged row is accounted for. */
import { describe, expect, it } from 'vitest';
import { drills } from '../../src/lab/drills/catalogue.ts';
import { runDrill } from '../../src/lab/drills/run.ts';

describe.each([...drills.keys()])('drill %s', (name) => {
  it('is found, repaired and accounted for', async () => {
    const lines: string[] = [];
    const report = await runDrill(name, 1, (line) => lines.push(line));
    expect({ why: report.runs.map((run) => run.why), lines }).toMatchObject({ why: [null] });
    const [run] = report.runs;
    expect(run?.account).toMatchObject({ nowhere: 0, nowhereIds: [] });
    expect(run?.account?.acknowledged).toBeGreaterThan(0);
    expect(run?.seconds.detected).not.toBeNull();
    expect(run?.seconds.repaired).not.toBeNull();
    expect(run?.seconds.dualPrimary === 0).toBe(name !== 'dual-primary');
    expect(run?.account?.bundles).toHaveLength(name === 'dual-primary' ? 1 : 0);
  });
});
