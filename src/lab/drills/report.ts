/** What drills leave for machines: each run with its figures, account and alerts, and the median and worst of each drill. */
import type { Timings } from '../../config/schema.ts';
import type { LabAccount } from '../measure/account.ts';
import type { AlertSeconds } from './alarms.ts';

/** Seconds since time zero of the incident; null where it did not happen. */
export interface DrillSeconds {
  readonly detected: number | null;
  /** Longest gap between two acknowledgements that ended after the fault; the client writes every 0.02 s. */
  readonly writeOutage: number | null;
  readonly dualPrimary: number | null;
  /** From the last mending of the drill's story, where it mends, else from time zero. */
  readonly repaired: number | null;
}

export interface DrillRun {
  readonly ok: boolean;
  readonly seconds: DrillSeconds;
  /** Of this run alone, also where its lab has seen others. */
  readonly account: LabAccount | null;
  /** Figures of this drill alone, such as how often a promotion was refused. */
  readonly counts: Readonly<Record<string, number>>;
  /** Every alert since the first fault, those that only inform included. */
  readonly alerts: readonly AlertSeconds[];
  /** Seconds that the run took with everything, its lab included. */
  readonly took: number;
  readonly why: string | null;
}

export interface DrillReport {
  readonly drill: string;
  readonly ok: boolean;
  readonly timings: Timings;
  readonly runs: readonly DrillRun[];
  readonly median: DrillSeconds;
  readonly worst: DrillSeconds;
}

export const NO_SECONDS: DrillSeconds = {
  detected: null,
  writeOutage: null,
  dualPrimary: null,
  repaired: null,
};

/** Puts the runs of a drill together. */
export function reportOf(drill: string, timings: Timings, runs: readonly DrillRun[]): DrillReport {
  const seconds = runs.map((run) => run.seconds);
  return {
    drill,
    ok: runs.every((run) => run.ok),
    timings,
    runs,
    median: summarise(seconds, median),
    worst: summarise(seconds, (values) => Math.max(...values)),
  };
}

/** Applies `reduce` to each figure over the runs that have it. */
function summarise(
  runs: readonly DrillSeconds[],
  reduce: (values: readonly number[]) => number,
): DrillSeconds {
  const figure = (key: keyof DrillSeconds): number | null => {
    const values = runs.map((run) => run[key]).filter((value) => value !== null);
    return values.length === 0 ? null : reduce(values);
  };
  return {
    detected: figure('detected'),
    writeOutage: figure('writeOutage'),
    dualPrimary: figure('dualPrimary'),
    repaired: figure('repaired'),
  };
}

/** The middle value; of an even number the upper one of the two, so that the figure was really measured. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
