/** The last line of a run of many seeds, for people and for machines. */
import { neverReached } from './reach.ts';
import { RECOVERY_STEP_MS, type Totals } from './totals.ts';
import type { SeedsRun } from './workers.ts';

function round(value: number, digits = 1): number {
  return Number(value.toFixed(digits));
}

/** The time within which this part of all recoveries came, in milliseconds. */
function recoveredWithin({ recoveries }: Totals, part: number): number {
  const all = recoveries.reduce((sum, it) => sum + it, 0);
  let sum = 0;
  const step = recoveries.findIndex((it) => {
    sum += it;
    return sum >= all * part;
  });
  return Math.max(0, step) * RECOVERY_STEP_MS;
}

export function summarize(run: SeedsRun): Readonly<Record<string, unknown>> {
  const reasons = Object.entries(run.waiting).toSorted(([, a], [, b]) => b.times - a.times);
  const waiting = reasons.reduce((sum, [, { times }]) => sum + times, 0);
  return {
    from: run.from,
    seeds: run.seeds,
    failed: run.failed,
    faults: run.faults,
    failovers: run.failovers,
    withoutFailover: run.withoutFailover,
    waitForAPerson: waiting,
    waitingFor: Object.fromEntries(reasons),
    recoveryMs: {
      median: recoveredWithin(run, 0.5),
      p99: recoveredWithin(run, 0.99),
      p999: recoveredWithin(run, 0.999),
      worst: recoveredWithin(run, 1),
    },
    longestLossMs: Math.round(run.longestLossMs),
    excusedAfterAPause: run.excused,
    simulatedHours: round(run.simulatedSeconds / 3_600),
    events: run.events,
    seconds: round(run.seconds),
    cpuSeconds: round(run.cpuSeconds),
    seedsPerSecond: round(run.seeds / run.seconds),
    seedsPerCpuSecond: round(run.seeds / run.cpuSeconds),
    reached: run.reached,
    neverReached: neverReached(run.reached),
    ...(run.uncovered === null ? {} : { uncovered: run.uncovered }),
  };
}
