/** One drill in a running lab, from the first fault to the verified end: what happened when, and what is not as it must be. */
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { CLUSTER } from '../configure/cluster.ts';
import { labAccount, type LabAccount } from '../measure/account.ts';
import { longestGap, readAcknowledgements } from '../measure/acknowledgements.ts';
import { watchAlerts, type AlertWatch, type WatchedAlert } from '../measure/alerts.ts';
import { dualPrimarySeconds, readBeats, writableIntervals, writableNow } from '../measure/beats.ts';
import { firstDecision, readGround } from '../measure/ground.ts';
import type { LabStatus } from '../measure/status.ts';
import { pollUntil, systemClock } from '../../world/clock.ts';
import type { ProductLab } from '../state.ts';
import { alarmProblem, mustEnd } from './alarms.ts';
import type { Drill } from './drill.ts';
import { settle, type Settled } from './settle.ts';
import { endedWell, haltOf, momentOf, readJournal, type JournalLine } from './journal.ts';
import { Stage } from './stage.ts';
import { IN_FULL, type StageOptions } from './stage-options.ts';
import type { Note } from './stage-record.ts';

/** Moments in milliseconds since 1970; null = did not happen within the limits. */
export interface Incident {
  /** The first fault of the story, and of its last act. */
  readonly begun: number;
  readonly struck: number;
  /** The first insert that a second host accepted where the story waited for one, else `struck`. */
  readonly zero: number;
  /** What the repair is counted from: the last mending of the story, else `zero`. */
  readonly repairFrom: number;
  /** The earliest of an agent's own decision and an alert firing. */
  readonly detected: number | null;
  readonly delivered: number | null;
  readonly fenced: number | null;
  readonly rejoined: number | null;
  readonly ended: number | null;
  /** When the lab itself saw the cluster whole, and stay so. */
  readonly healthy: number | null;
  /** Longest gap between two acknowledgements since the first fault, seconds. */
  readonly writeOutage: number;
  /** Seconds with two writable hosts since the first fault of the first act; the account's are those of the lab's whole life. */
  readonly dualPrimary: number;
  readonly alerts: readonly WatchedAlert[];
  readonly journal: readonly JournalLine[];
  readonly account: LabAccount;
  readonly status: LabStatus;
  readonly counts: Readonly<Record<string, number>>;
  readonly notes: readonly Note[];
  /** Why the drill did not end well; null where it did. */
  readonly why: string | null;
}

/** An alert that began a moment before the fault was asked for belongs to it: evaluations are stamped with their planned time. */
const ALERT_SLACK_MS = 1_000;
/** The longest that a rule looks back or keeps firing, and some scrapes. */
const ALERTS_OVER_LIMIT_MS = 90_000;
const INTERVAL_MS = 100;

/** Tells the story, waits until the cluster is whole, and takes the account. */
export async function runIncident(
  lab: ProductLab,
  drill: Drill,
  options: StageOptions = IN_FULL,
): Promise<Incident> {
  const watch = watchAlerts(lab.prometheus);
  try {
    const stage = new Stage(lab, options, { expected: drill.alerts ?? [], seen: watch.seen });
    const began = Date.now();
    const broke = await told(drill, stage);
    const struck = stage.struck ?? began;
    const zero = stage.secondWriterAt ?? struck;
    const settled = await settle(lab);
    if (settled.problem === null && options.judgeAlerts) await alertsOver(watch, stage.begun ?? struck);
    const journal = await readJournal(lab.page, CLUSTER, struck);
    const problem = broke ?? unsettled(settled, journal);
    const beats = (await readBeats(lab.name)).filter((beat) => beat.at >= (stage.begun ?? struck));
    const writable = writableNow(beats, Date.now());
    const dualPrimary = dualPrimarySeconds(writableIntervals(beats));
    const account = await accountAfter(lab.name, problem);
    const begun = stage.begun ?? struck;
    const ofStory = watch.seen().filter((alert) => alert.since >= begun - ALERT_SLACK_MS);
    const alerts = ofStory.filter((alert) => alert.since >= struck - ALERT_SLACK_MS);
    const detected = await detection(lab.name, stage, alerts, struck);
    const alarm = options.judgeAlerts ? alarmProblem(drill, ofStory, begun) : null;
    return {
      struck,
      zero,
      repairFrom: stage.mended ?? zero,
      detected,
      delivered: momentOf(
        journal,
        (it) => it.event === 'notification-acknowledged' && it.at >= (detected ?? struck),
      ),
      fenced: momentOf(journal, (it) => it.event === 'step-done' && it.step === 'fence'),
      rejoined: momentOf(journal, (it) => it.event === 'step-done' && it.step === 'rejoin'),
      ended: momentOf(journal, endedWell),
      healthy: settled.healthy,
      writeOutage: longestGap(await readAcknowledgements(lab.name), struck, Date.now()) / 1_000,
      dualPrimary,
      begun,
      alerts: ofStory,
      journal,
      account,
      status: settled.status,
      counts: stage.counts,
      notes: stage.notes,
      why: problem ?? misjudged(drill, { writable, dualPrimary, account }) ?? alarm,
    };
  } finally {
    await watch.stop();
  }
}

/** Waits until every alert since the story began is over; what is left then is judged. */
async function alertsOver(watch: AlertWatch, begun: number): Promise<void> {
  await pollUntil(systemClock, ALERTS_OVER_LIMIT_MS, INTERVAL_MS, () => {
    const left = watch
      .seen()
      .some((it) => mustEnd(it) && it.resolvedAt === null && it.since >= begun - ALERT_SLACK_MS);
    return Promise.resolve(left ? undefined : true);
  });
}

/** What came before the strike that made the second writer has not detected it, and neither has an alert that asks for no repair. */
async function detection(
  lab: string,
  stage: Stage,
  alerts: readonly WatchedAlert[],
  struck: number,
): Promise<number | null> {
  const { secondWriterAt, lastStruck } = stage;
  const from = secondWriterAt === null ? struck : (lastStruck ?? struck);
  const alert = alerts.find(
    ({ since, asksForRepair }) => secondWriterAt === null || (asksForRepair && since >= from),
  );
  return earliest(alert?.since ?? null, firstDecision(await readGround(lab), from));
}

/** Why the story ended early; null where it was told to its end. */
async function told(drill: Drill, stage: Stage): Promise<string | null> {
  try {
    await drill.story(stage);
    return null;
  } catch (error) {
    return errorText(error);
  }
}

/** What must not be so at the end, though the cluster is whole. */
function misjudged(
  drill: Drill,
  end: { readonly writable: readonly string[]; readonly dualPrimary: number; readonly account: LabAccount },
): string | null {
  const { writable, dualPrimary, account } = end;
  if (account.nowhere > 0) return `${account.nowhere} acknowledged rows are nowhere`;
  if (drill.nothingOnlyInBundles === true && account.onlyInBundle > 0)
    return `${account.onlyInBundle} acknowledged rows are only in a bundle`;
  if (!drill.twoPrimaries && dualPrimary > 0) return `two hosts were writable for ${dualPrimary} s`;
  if (drill.endsOn !== null && writable.join() !== drill.endsOn)
    return `${writable.join(' and ') || 'nobody'} is the primary, expected ${drill.endsOn}`;
  return null;
}

/** What is wrong with the end, and what the responder waits for where it does. */
function unsettled({ healthy, problem }: Settled, journal: readonly JournalLine[]): string | null {
  const halt = healthy === null ? journal.map(haltOf).find((text) => text !== null) : undefined;
  return problem !== null && halt !== undefined ? `${problem}; ${halt}` : problem;
}

/** Without one primary there is no account; then what led there must not be lost. */
async function accountAfter(lab: string, problem: string | null): Promise<LabAccount> {
  try {
    return await labAccount(lab);
  } catch (error) {
    throw new PrimacyError(
      'postcondition-missing',
      `${problem ?? 'the drill was told'}; ${errorText(error)}`,
      {
        cause: error,
      },
    );
  }
}

function earliest(...moments: readonly (number | null)[]): number | null {
  const known = moments.filter((moment) => moment !== null);
  return known.length === 0 ? null : Math.min(...known);
}

/** Seconds from time zero to a moment, rounded to milliseconds; null where either did not happen. */
export function secondsSince(zero: number | null, moment: number | null): number | null {
  return zero === null || moment === null ? null : Math.round(moment - zero) / 1_000;
}
