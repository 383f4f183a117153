/** The table of drills for people: a line for each drill with the median and worst of its runs, and a line for each run that failed. */
import type { DrillReport, DrillRun, DrillSeconds } from '../../lab/drills/report.ts';

const FIGURES = [
  ['detected', 'detected'],
  ['write outage', 'writeOutage'],
  ['two primaries', 'dualPrimary'],
  ['repaired', 'repaired'],
] as const satisfies readonly (readonly [string, keyof DrillSeconds])[];

/** Lines with a heading; seconds, `MEDIAN / WORST` where there is more than one run. */
export function drillTable(reports: readonly DrillReport[]): readonly string[] {
  const rows = [
    ['drill', '', ...FIGURES.map(([heading]) => heading), 'in bundles', 'nowhere', 'took'],
    ...reports.map(rowOf),
  ];
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return [
    ...rows.map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    ),
    ...reports.flatMap(details),
  ];
}

function rowOf({ drill, ok, runs, median, worst }: DrillReport): readonly string[] {
  const figure = (key: keyof DrillSeconds): string =>
    runs.length === 1 ? seconds(median[key]) : `${seconds(median[key])} / ${seconds(worst[key])}`;
  const total = (count: (run: DrillRun) => number): string =>
    String(runs.reduce((sum, run) => sum + count(run), 0));
  return [
    drill,
    ok ? 'ok' : 'FAILED',
    ...FIGURES.map(([, key]) => figure(key)),
    total((run) => run.account?.onlyInBundle ?? 0),
    total((run) => run.account?.nowhere ?? 0),
    total((run) => Math.round(run.took)),
  ];
}

/** Why runs failed, and the figures that only this drill has. */
function details({ drill, runs }: DrillReport): readonly string[] {
  return runs.flatMap((run, index) => {
    const own = Object.entries(run.counts).map(([name, value]) => `${name} ${value}`);
    return [
      ...(run.ok ? [] : [`${drill} ${index + 1}: failed: ${run.why ?? 'unknown'}`]),
      ...(own.length === 0 ? [] : [`${drill} ${index + 1}: ${own.join(', ')}`]),
    ];
  });
}

function seconds(value: number | null): string {
  return value === null ? '-' : value.toFixed(1);
}
