/** The demonstration: a standby promoted by hand while a client writes, first refused, then without its guards found and repaired, told as a time line. */
import type { Drill } from './drills/drill.ts';
import { IN_FULL } from './drills/stage-options.ts';
import { runIncident, secondsSince, type Incident } from './drills/incident.ts';
import type { JournalLine } from './drills/journal.ts';
import { labDown } from './down.ts';
import { downOnSignal } from './interruption.ts';
import type { LabAccount } from './measure/account.ts';
import type { LabStatus } from './measure/status.ts';
import { productLab, type ProductLab } from './state.ts';
import type { LabOptions, Progress } from './up/building.ts';
import { labUp } from './up/up.ts';

export interface DemoReport {
  readonly ok: boolean;
  /** The first act: a promotion by hand while the guard stands, and what the standby accepted by it. */
  readonly guarded: { readonly refused: boolean; readonly rowsAccepted: number };
  /** Since the first insert that the probe saw accepted on the second node. */
  readonly seconds: {
    readonly detected: number | null;
    readonly delivered: number | null;
    readonly fenced: number | null;
    readonly rejoined: number | null;
    readonly verified: number | null;
  };
  readonly account: LabAccount;
  readonly status: LabStatus;
}

export interface Demo {
  readonly report: DemoReport;
  /** What happened, one line a moment, with the seconds before it. */
  readonly story: readonly string[];
  readonly why: string | null;
  readonly lab: ProductLab;
}

export interface DemoOptions {
  readonly lab: LabOptions;
  /** Leave the lab running. */
  readonly keep: boolean;
}

const STANDBY = 'pg2';

/** Two acts: the same command by hand, with the guard and without. */
const DEMONSTRATION: Drill = {
  summary:
    'a promotion by hand refused; then, with agent, fuse and guard removed, a split brain found and repaired',
  endsOn: 'pg1',
  twoPrimaries: true,
  story: async (stage) => {
    stage.note(`somebody runs pg_ctl promote on ${STANDBY}`);
    if (await stage.refusal('promote-standby', STANDBY)) {
      stage.count('refused', 1);
      stage.note('the guard inside PostgreSQL refuses: the server ends before it accepts a row');
    }
    await stage.whole();
    stage.count('rowsAccepted', await stage.insertsAcceptedBy(STANDBY));
    stage.note(`${STANDBY} streams again`);
    stage.newAct();
    stage.note(`somebody kills agent and fuse of ${STANDBY} and takes its guard out`);
    await stage.strike('unguard', STANDBY);
    stage.note(`somebody runs pg_ctl promote on ${STANDBY}`);
    await stage.strike('promote-standby', STANDBY);
    await stage.secondWriter();
    await stage.remediated();
    await stage.restore('unguard', STANDBY);
    stage.note(`agent, fuse and guard of ${STANDBY} are put back`);
  },
};

/** Builds a lab, promotes its standby by hand twice, waits for the repair, and takes the lab down unless it is to be kept. */
export async function runDemo(options: DemoOptions, progress: Progress): Promise<Demo> {
  // What a demonstration before this one left, also a killed one, is in the way and of no use.
  await labDown(options.lab.name);
  const forget = downOnSignal(options.lab.name);
  try {
    const lab = productLab(await labUp(options.lab, progress));
    progress('pg_ctl promote on pg2, by hand: with the guard, then without');
    const incident = await runIncident(lab, DEMONSTRATION, { ...IN_FULL, judgeAlerts: false });
    return { report: reportOf(incident), story: storyOf(incident), why: whyNot(incident), lab };
  } finally {
    forget();
    if (!options.keep) await labDown(options.lab.name);
  }
}

function reportOf(incident: Incident): DemoReport {
  const since = (moment: number | null): number | null => secondsSince(incident.zero, moment);
  return {
    ok: whyNot(incident) === null,
    guarded: {
      refused: incident.counts['refused'] === 1,
      rowsAccepted: incident.counts['rowsAccepted'] ?? 0,
    },
    seconds: {
      detected: since(incident.detected),
      delivered: since(incident.delivered),
      fenced: since(incident.fenced),
      rejoined: since(incident.rejoined),
      verified: since(incident.ended),
    },
    account: incident.account,
    status: incident.status,
  };
}

/** The first thing that is not as it must be; null where all is. */
function whyNot(incident: Incident): string | null {
  if (incident.why !== null) return incident.why;
  if (incident.counts['refused'] !== 1) return 'the promotion by hand was not refused';
  if (incident.counts['rowsAccepted'] !== 0) return 'the standby accepted rows though its guard stood';
  const milestones = {
    detected: incident.detected,
    delivered: incident.delivered,
    fenced: incident.fenced,
    rejoined: incident.rejoined,
  };
  const missing = Object.entries(milestones).find(([, moment]) => moment === null);
  return missing === undefined ? null : `the time line has no moment "${missing[0]}"`;
}

/** Events worth a line, in the order in which they happened. */
function storyOf(incident: Incident): readonly string[] {
  const { zero } = incident;
  const moments = [
    ...incident.notes,
    { at: zero, text: 'pg2 accepts its first write: two primaries' },
    ...incident.alerts.map((alert) => ({ at: alert.since, text: `alert ${alert.name} fires` })),
    ...incident.journal.flatMap((entry) => {
      const text = sentenceOf(entry);
      return text === null ? [] : [{ at: entry.at, text }];
    }),
    ...(incident.healthy === null
      ? []
      : [
          {
            at: incident.healthy,
            text: 'the lab itself sees one primary with the VIP, and its standby streaming',
          },
        ]),
  ];
  return moments
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, text }) => `${((at - zero) / 1_000).toFixed(2).padStart(7)} s  ${text}`);
}

function sentenceOf(entry: JournalLine): string | null {
  const where = entry.node === null ? '' : ` ${entry.node}`;
  switch (entry.event) {
    case 'notification-acknowledged':
      return 'the responder has the notification on disk and answers 202';
    case 'remediation-started':
      return 'remediation begins';
    case 'step-intent':
      return `${entry.step}${where}: begins`;
    case 'step-done':
      return `${entry.step}${where}: done and seen`;
    case 'step-failed':
    case 'step-unknown':
      return `${entry.step}${where}: ${entry.event.slice(5)}, ${JSON.stringify(entry.detail)}`;
    case 'remediation-waiting':
    case 'remediation-stuck':
    case 'remediation-ended':
      return `${entry.event.replace('-', ' ')}: ${JSON.stringify(entry.detail)}`;
    default:
      return null;
  }
}
