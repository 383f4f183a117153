/** Runs a drill: each run builds a fresh lab, lets one incident happen, judges it, and takes the lab down. */
import { randomBytes } from 'node:crypto';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { Timings } from '../../config/schema.ts';
import { productLab } from '../state.ts';
import { labDown } from '../down.ts';
import { downOnSignal } from '../interruption.ts';
import type { LabAccount } from '../measure/account.ts';
import { DEFAULT_OPTIONS, type LabOptions, type Progress } from '../up/building.ts';
import { labUp } from '../up/up.ts';
import { labTimings } from '../configure/cluster.ts';
import { drills } from './catalogue.ts';
import type { Drill } from './drill.ts';
import { runIncident, secondsSince, type Incident } from './incident.ts';
import { IN_FULL, type StageOptions } from './stage.ts';

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
  readonly account: LabAccount | null;
  /** Figures of this drill alone, such as how often a promotion was refused. */
  readonly counts: Readonly<Record<string, number>>;
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

const NOTHING: DrillSeconds = { detected: null, writeOutage: null, dualPrimary: null, repaired: null };

/** Runs one drill `runs` times, one after the other. Throws `usage` for a drill that does not exist. */
export async function runDrill(
  name: string,
  runs: number,
  progress: Progress,
  options: RunOptions = { ...IN_FULL, keepFailed: false },
): Promise<DrillReport> {
  const drill = drills.get(name);
  if (drill === undefined) {
    throw new PrimacyError(
      'usage',
      `cannot find drill ${JSON.stringify(name)}, there are ${[...drills.keys()].join(', ')}`,
    );
  }
  const done: DrillRun[] = [];
  for (let number = 1; number <= runs; number += 1) {
    progress(`drill ${name}, run ${number} of ${runs}`);
    done.push(await runOnce(drill, progress, options));
  }
  const seconds = done.map((run) => run.seconds);
  return {
    drill: name,
    ok: done.every((run) => run.ok),
    timings: labTimings(),
    runs: done,
    median: summarise(seconds, median),
    worst: summarise(seconds, (values) => Math.max(...values)),
  };
}

export interface RunOptions extends StageOptions {
  /** Leave the lab of a run that failed, for somebody to look at. */
  readonly keepFailed: boolean;
}

/** A run that fails is a result too: the reason is kept, and the lab is taken down all the same unless it is to be kept. */
async function runOnce(drill: Drill, progress: Progress, options: RunOptions): Promise<DrillRun> {
  const lab: LabOptions = {
    ...DEFAULT_OPTIONS,
    ...drill.lab,
    name: `drill-${randomBytes(4).toString('hex')}`,
  };
  const forget = downOnSignal(lab.name);
  let run: DrillRun | null = null;
  try {
    run = judge(await runIncident(productLab(await labUp(lab, progress)), drill, options));
    progress(run.ok ? `repaired after ${run.seconds.repaired} s` : `failed: ${run.why}`);
    return run;
  } catch (error) {
    progress(`failed: ${errorText(error)}`);
    return { ok: false, seconds: NOTHING, account: null, counts: {}, why: errorText(error) };
  } finally {
    forget();
    if (options.keepFailed && run?.ok !== true) progress(`kept: lab ${lab.name}`);
    else await labDown(lab.name);
  }
}

function judge(incident: Incident): DrillRun {
  const { zero, account, why } = incident;
  return {
    ok: why === null,
    seconds: {
      detected: secondsSince(zero, incident.detected),
      writeOutage: incident.writeOutage,
      dualPrimary: incident.dualPrimary,
      repaired: secondsSince(incident.repairFrom, incident.healthy),
    },
    account,
    counts: incident.counts,
    why,
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
