/** One incident in a running lab, from the fault to the verified repair: what happened when. */
import { pollUntil, systemClock } from '../../world/clock.ts';
import { CLUSTER } from '../configure/cluster.ts';
import { labAccount, type LabAccount } from '../measure/account.ts';
import { firstDualWrite, readBeats } from '../measure/beats.ts';
import { healthProblem } from '../measure/health.ts';
import { labStatus, type LabStatus } from '../measure/status.ts';
import type { ProductLab } from '../state.ts';
import { watchAlerts, type FiringAlert } from '../measure/alerts.ts';
import { endedWell, haltOf, momentOf, readJournal, type JournalLine } from './journal.ts';

export interface IncidentPlan {
  /** Makes the fault. */
  readonly strike: () => Promise<void>;
  /** True where the fault makes a second primary: then time zero is the probe's first insert there, not the fault itself. */
  readonly dualPrimary: boolean;
  /** What a person or an init would do once the remediation has ended; drills say why. */
  readonly afterwards?: () => Promise<void>;
}

/** Moments in milliseconds since 1970; null = did not happen within the limits. */
export interface Incident {
  readonly struck: number;
  readonly zero: number | null;
  readonly detected: number | null;
  readonly delivered: number | null;
  readonly fenced: number | null;
  readonly rejoined: number | null;
  readonly ended: number | null;
  /** When the lab itself saw the cluster healthy again. */
  readonly healthy: number | null;
  readonly alerts: readonly FiringAlert[];
  readonly journal: readonly JournalLine[];
  readonly account: LabAccount;
  readonly status: LabStatus;
  /** Why the incident did not end well; null where it did. */
  readonly why: string | null;
}

const SECOND_WRITER_LIMIT_MS = 15_000;
const REPAIR_LIMIT_MS = 120_000;
const HEALTH_LIMIT_MS = 60_000;
const INTERVAL_MS = 100;

/** Strikes, waits for the repair, looks at the result, and takes the account. */
export async function runIncident(lab: ProductLab, plan: IncidentPlan): Promise<Incident> {
  const watch = watchAlerts(lab.prometheus);
  try {
    const struck = Date.now();
    await plan.strike();
    const zero = plan.dualPrimary ? await secondWriter(lab.name, struck) : struck;
    const halt = zero === null ? null : await waitForEnd(lab.page, struck);
    await plan.afterwards?.();
    const { status, problem, healthy } = await waitForHealth(lab.name);
    const journal = await readJournal(lab.page, CLUSTER, struck);
    const account = await labAccount(lab.name);
    const alerts = watch.seen().filter((alert) => alert.since >= struck - 1_000);
    const ended = momentOf(journal, endedWell);
    const detected = alerts[0]?.since ?? null;
    return {
      struck,
      zero,
      detected,
      delivered: momentOf(
        journal,
        (it) => it.event === 'notification-acknowledged' && it.at >= (detected ?? struck),
      ),
      fenced: momentOf(journal, (it) => it.event === 'step-done' && it.step === 'fence'),
      rejoined: momentOf(journal, (it) => it.event === 'step-done' && it.step === 'rejoin'),
      ended,
      healthy,
      alerts,
      journal,
      account,
      status,
      why: failure({ zero, ended, halt, problem, account }),
    };
  } finally {
    await watch.stop();
  }
}

async function secondWriter(lab: string, since: number): Promise<number | null> {
  const found = await pollUntil(systemClock, SECOND_WRITER_LIMIT_MS, INTERVAL_MS, async () => {
    const moment = firstDualWrite(await readBeats(lab));
    return moment !== null && moment >= since ? moment : undefined;
  });
  return found ?? null;
}

/** Waits until a remediation ended well; what made it wait for a person ends the waiting and is returned. */
async function waitForEnd(page: string, since: number): Promise<string | null> {
  const outcome = await pollUntil(systemClock, REPAIR_LIMIT_MS, INTERVAL_MS, async () => {
    const entries = await readJournal(page, CLUSTER, since);
    if (entries.some(endedWell)) return { halt: null };
    const halt = entries.map(haltOf).find((text) => text !== null);
    return halt === undefined ? undefined : { halt };
  });
  return outcome?.halt ?? null;
}

async function waitForHealth(
  lab: string,
): Promise<{ readonly status: LabStatus; readonly problem: string | null; readonly healthy: number | null }> {
  let status = await labStatus(lab);
  let problem = healthProblem(status);
  await pollUntil(systemClock, HEALTH_LIMIT_MS, INTERVAL_MS, async () => {
    if (problem === null) return true;
    status = await labStatus(lab);
    problem = healthProblem(status);
    return undefined;
  });
  return { status, problem, healthy: problem === null ? Date.now() : null };
}

interface Outcome {
  readonly zero: number | null;
  readonly ended: number | null;
  readonly halt: string | null;
  readonly problem: string | null;
  readonly account: LabAccount;
}

function failure(outcome: Outcome): string | null {
  if (outcome.zero === null) return 'the fault showed no effect';
  if (outcome.halt !== null) return outcome.halt;
  if (outcome.ended === null) return `no remediation ended well within ${REPAIR_LIMIT_MS / 1_000} s`;
  if (outcome.problem !== null) return outcome.problem;
  if (outcome.account.nowhere > 0) return `${outcome.account.nowhere} acknowledged rows are nowhere`;
  return null;
}

/** Seconds from time zero to a moment, rounded to milliseconds; null where either did not happen. */
export function secondsSince(zero: number | null, moment: number | null): number | null {
  return zero === null || moment === null ? null : Math.round(moment - zero) / 1_000;
}
