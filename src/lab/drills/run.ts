/** Runs drills: each run takes a whole lab, lets one incident happen and judges it. A run that fails stops no other. */
import { join } from 'node:path';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { labTimings } from '../configure/cluster.ts';
import { accountSince } from '../measure/account-since.ts';
import type { LabAccount } from '../measure/account.ts';
import { labDirectory } from '../state.ts';
import type { Progress } from '../up/building.ts';
import { alertSeconds } from './alarms.ts';
import { drills } from './catalogue.ts';
import type { Drill } from './drill.ts';
import { keepEvidence } from './evidence.ts';
import { runIncident, secondsSince, type Incident } from './incident.ts';
import { kindOf, LabSupply } from './lab-supply.ts';
import { NO_SECONDS, reportOf, type DrillReport, type DrillRun } from './report.ts';
import { IN_FULL, type StageOptions } from './stage-options.ts';

export interface RunOptions extends StageOptions {
  /** Leave the lab of a run that failed, for somebody to look at. */
  readonly keepFailed: boolean;
  /** Where to keep what the hosts wrote about a run that failed; null = nowhere. */
  readonly evidenceFolder: string | null;
  /** Every run in a lab of its own: its figures are then those of a lab that has seen nothing else. */
  readonly freshLabs: boolean;
  /** Told of every run as it ends. */
  readonly onRun: (drill: string, run: DrillRun) => void;
}

export const AS_WRITTEN: RunOptions = {
  ...IN_FULL,
  keepFailed: false,
  evidenceFolder: null,
  freshLabs: true,
  onRun: () => undefined,
};

/** Runs one drill `runs` times. Throws `usage` for a drill that does not exist. */
export async function runDrill(
  name: string,
  runs: number,
  progress: Progress,
  options: RunOptions = AS_WRITTEN,
): Promise<DrillReport> {
  const [report] = await runDrills([name], runs, progress, options);
  if (report === undefined) throw new Error('one drill has one report');
  return report;
}

/** Runs several drills, those of like labs one after the other. Reports come in the order of the names. Throws `usage` for a name that is none. */
export async function runDrills(
  names: readonly string[],
  runs: number,
  progress: Progress,
  options: RunOptions,
): Promise<readonly DrillReport[]> {
  const asked = names.map((name) => ({ name, drill: drillNamed(name) }));
  const kinds = [...new Set(asked.map(({ drill }) => kindOf(drill)))];
  const ordered = asked.toSorted((a, b) => kinds.indexOf(kindOf(a.drill)) - kinds.indexOf(kindOf(b.drill)));
  const reports = new Map<string, DrillReport>();
  const supply = new LabSupply(progress);
  const began = performance.now();
  try {
    for (const [index, { name, drill }] of ordered.entries()) {
      const done: DrillRun[] = [];
      for (let number = 1; number <= runs; number += 1) {
        const left = estimate(performance.now() - began, index * runs + number - 1, ordered.length * runs);
        progress(`drill ${index + 1} of ${ordered.length}, ${name}, run ${number} of ${runs}${left}`);
        const run = await runOnce(supply, drill, progress, {
          ...options,
          evidenceFolder: options.evidenceFolder && join(options.evidenceFolder, `${name}-${number}`),
        });
        options.onRun(name, run);
        done.push(run);
      }
      reports.set(name, reportOf(name, labTimings(), done));
    }
  } finally {
    await supply.release();
  }
  return asked.flatMap(({ name }) => reports.get(name) ?? []);
}

function drillNamed(name: string): Drill {
  const drill = drills.get(name);
  if (drill !== undefined) return drill;
  throw new PrimacyError(
    'usage',
    `cannot find drill ${JSON.stringify(name)}, there are ${[...drills.keys()].join(', ')}`,
  );
}

/** A run that fails is a result too: the reason is kept, and the next run gets another lab. */
async function runOnce(
  supply: LabSupply,
  drill: Drill,
  progress: Progress,
  options: RunOptions,
): Promise<DrillRun> {
  const began = performance.now();
  const run = await attempt(supply, drill, options);
  const took = Math.round(performance.now() - began) / 1_000;
  progress(run.ok ? `repaired after ${run.seconds.repaired} s` : `failed: ${run.why}`);
  if (!run.ok) await keepWhatWasWritten(supply.name(), options.evidenceFolder, progress);
  if (!run.ok && options.keepFailed) progress(`kept: lab ${supply.keep()}`);
  else if (!run.ok || options.freshLabs || drill.spoilsLab === true) await supply.release();
  return { ...run, took };
}

/** That it cannot be kept changes no result. */
async function keepWhatWasWritten(
  lab: string | null,
  folder: string | null,
  progress: Progress,
): Promise<void> {
  if (lab === null || folder === null) return;
  try {
    await keepEvidence(join(labDirectory(lab), 'hosts'), folder);
    progress(`logs and journals are in ${folder}`);
  } catch (error) {
    progress(`logs and journals are lost: ${errorText(error)}`);
  }
}

async function attempt(
  supply: LabSupply,
  drill: Drill,
  options: RunOptions,
): Promise<Omit<DrillRun, 'took'>> {
  try {
    const { lab, before } = await supply.labFor(drill);
    const incident = await runIncident(lab, drill, options);
    supply.usedUpTo(incident.account);
    return judge(incident, before);
  } catch (error) {
    return { ok: false, seconds: NO_SECONDS, account: null, counts: {}, alerts: [], why: errorText(error) };
  }
}

function judge(incident: Incident, before: LabAccount | null): Omit<DrillRun, 'took'> {
  const { zero, account, why, begun, healthy } = incident;
  return {
    ok: why === null,
    seconds: {
      detected: secondsSince(zero, incident.detected),
      writeOutage: incident.writeOutage,
      dualPrimary: incident.dualPrimary,
      repaired: secondsSince(incident.repairFrom, healthy),
    },
    account: accountSince(before, account, begun),
    counts: incident.counts,
    alerts: alertSeconds(incident.alerts, begun, healthy),
    why,
  };
}

/** Until when it may take, by what the runs before took on average; nothing before the first has ended. */
function estimate(elapsedMs: number, done: number, all: number): string {
  if (done === 0) return '';
  const minutes = ((elapsedMs / done) * (all - done)) / 60_000;
  return `, about ${minutes < 1 ? 'a minute' : `${Math.ceil(minutes)} minutes`} left`;
}
