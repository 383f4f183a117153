/** Stories that many drills share: a fault that costs nothing, one that costs the primary its place, and one that may. */
import type { Drill, ExpectedAlert } from '../drill.ts';
import type { Stage } from '../stage.ts';

/** One fault as a story makes it. */
export interface Strike {
  readonly fault: string;
  readonly host: string;
  /** Hosts of `--with`. */
  readonly others?: readonly string[];
}

type Extras = Pick<Drill, 'alerts' | 'mayAlert' | 'lab'>;

/** Seconds within which AgentDown fires: the scrape that fails, 5 s of the rule, and the evaluation after them. */
export const AGENT_DOWN_SECONDS = 12;

/** The same of LeaseQuorumAtRisk: a peer is silent for a moment before it counts as such. */
export const AT_RISK_SECONDS = 15;

/**
 * Where a takeover is quicker than a scrape, the old primary's last sample and the new one's first can meet in one evaluation:
 * rules/postgres.yml says why that is the lesser evil. What the probe measures still allows no second writer.
 */
export const QUICK_TAKEOVER: readonly string[] = ['PostgresDualPrimary'];

/** What a fault stands at least: every guard has looked many times by then. */
const STAND_SECONDS = 10;

/** An alert about a host, with its bound in seconds. */
export function alarm(name: string, node: string | null, within: number): ExpectedAlert {
  return { name, node, within };
}

/** The fault stands for 10 s, and until its alerts fire; nobody else writes meanwhile, and then it is undone. */
export function harmless(summary: string, struck: Strike, extras: Extras = {}): Drill {
  return {
    summary,
    endsOn: 'pg1',
    twoPrimaries: false,
    ...extras,
    story: async (stage) => {
      await standsUntilAlarmed(stage, struck);
      await stage.onlyWriters('pg1');
      await stage.mend(struck.fault, struck.host);
    },
  };
}

/** pg2 takes over while the fault stands; pg1 comes back when it is undone. What only pg1 has is approved by `auto`. */
export function costly(summary: string, struck: Strike, extras: Extras = {}): Drill {
  return {
    summary,
    endsOn: 'pg2',
    twoPrimaries: false,
    lab: { policy: 'auto' },
    ...extras,
    story: async (stage) => {
      await stage.strike(struck.fault, struck.host, struck.others);
      await stage.takenOver('pg2');
      await standing(stage);
      await stage.mend(struck.fault, struck.host);
    },
  };
}

/** The fault may cost the primary its place: what comes of it is shown, not asked for. */
export function bounded(summary: string, struck: Strike, extras: Extras = {}): Drill {
  return {
    summary,
    endsOn: null,
    twoPrimaries: false,
    // The lease may run out while a client writes; `auto` plays the person who approves the rejoin.
    lab: { policy: 'auto' },
    ...extras,
    story: async (stage) => {
      await standsUntilAlarmed(stage, struck);
      await stage.mend(struck.fault, struck.host);
    },
  };
}

async function standsUntilAlarmed(stage: Stage, { fault, host, others }: Strike): Promise<void> {
  await stage.strike(fault, host, others);
  await standing(stage);
}

/** Lets what was struck stand for 10 s, and until the alerts fire. */
export async function standing(stage: Stage): Promise<void> {
  await Promise.all([stage.stand(STAND_SECONDS), stage.alarmed()]);
}
