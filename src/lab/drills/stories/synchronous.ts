/** Drills with a synchronous standby: no acknowledged row may be missing on the primary at the end, not even where a bundle has it. */
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { pollUntil, systemClock } from '../../../world/clock.ts';
import { readAcknowledgements } from '../../measure/acknowledgements.ts';
import { synchronousStandbys } from '../../measure/synchronous.ts';
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';
import { thereAndBack } from './planned.ts';
import { AGENT_DOWN_SECONDS, alarm, AT_RISK_SECONDS, QUICK_TAKEOVER } from './shapes.ts';

/** Seconds until SynchronousSuspended fires: the takeover, 10 s of the rule, a scrape and an evaluation. */
const SUSPENDED_SECONDS = 30;
/** The same of CommitsWaitForStandby: a probe that waits for 1 s, 5 s of the rule, a scrape and an evaluation. */
const WAITING_SECONDS = 15;
const RESTORED_LIMIT_MS = 60_000;
const LOOK_MS = 200;

/** `auto`: plays the person who approves a rejoin. What a dead host had not sent was never acknowledged, but it is discarded. */
const SYNCHRONOUS: Required<Pick<Drill, 'twoPrimaries' | 'nothingOnlyInBundles' | 'mayAlert' | 'lab'>> = {
  twoPrimaries: false,
  nothingOnlyInBundles: true,
  mayAlert: [...QUICK_TAKEOVER, 'AgentDown', 'CommitsWaitForStandby'],
  lab: { sync: true, policy: 'auto' },
};

export const synchronousDrills: readonly (readonly [string, Drill])[] = [
  [
    'sync-kill-postgres',
    {
      ...SYNCHRONOUS,
      summary: 'kill -9 of the postmaster of a primary with a synchronous standby: that one takes over',
      endsOn: 'pg2',
      story: async (stage) => {
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await restoredOn(stage, 'pg2');
      },
    },
  ],
  [
    'sync-power-off',
    {
      ...SYNCHRONOUS,
      summary: 'the host of a primary with a synchronous standby loses power, and comes back',
      endsOn: 'pg2',
      alerts: [alarm('SynchronousSuspended', 'pg2', SUSPENDED_SECONDS)],
      story: async (stage) => {
        await stage.strike('power-off', 'pg1');
        await stage.takenOver('pg2');
        await stage.alarmed();
        await stage.mend('power-off', 'pg1');
        await restoredOn(stage, 'pg2');
      },
    },
  ],
  [
    'sync-partition',
    {
      ...SYNCHRONOUS,
      summary:
        'a primary with a synchronous standby is cut off together with the client for 60 s: its commits wait, so none is lost',
      endsOn: 'pg2',
      alerts: [alarm('SynchronousSuspended', 'pg2', SUSPENDED_SECONDS)],
      story: async (stage) => {
        await stage.strike('partition', 'pg1', ['client']);
        await stage.takenOver('pg2');
        await Promise.all([stage.stand(60), stage.alarmed()]);
        await stage.mend('partition', 'pg1');
        await restoredOn(stage, 'pg2');
      },
    },
  ],
  [
    'sync-standby-off',
    {
      ...SYNCHRONOUS,
      summary:
        'the only synchronous standby is off for 15 s: commits wait as PostgreSQL promises, nobody is promoted or fenced, and they go on',
      endsOn: 'pg1',
      alerts: [
        alarm('AgentDown', 'pg2', AGENT_DOWN_SECONDS),
        alarm('CommitsWaitForStandby', 'pg1', WAITING_SECONDS),
        alarm('LeaseQuorumAtRisk', 'pg1', AT_RISK_SECONDS),
      ],
      story: async (stage) => {
        await stage.strike('power-off', 'pg2');
        await Promise.all([stage.stand(15), stage.alarmed()]);
        await stage.onlyWriters('pg1');
        stage.count('acknowledgedWhileOff', await acknowledgedSince(stage, stage.struck ?? 0));
        await stage.mend('power-off', 'pg2');
        await restoredOn(stage, 'pg1');
      },
    },
  ],
  [
    'sync-switchover',
    {
      ...SYNCHRONOUS,
      summary: 'primacy switchover there and back between a primary and its synchronous standby',
      endsOn: 'pg1',
      story: (stage) => thereAndBack(stage, restoredOn),
    },
  ],
];

/** Waits until commits on this host wait for a standby that streams. */
async function restoredOn(stage: Stage, host: string): Promise<void> {
  const began = Date.now();
  const seen = await pollUntil(systemClock, RESTORED_LIMIT_MS, LOOK_MS, async () =>
    (await synchronousStandbys(stage.lab.name, host)) > 0 ? true : undefined,
  );
  if (seen === undefined)
    throw new PrimacyError(
      'timeout',
      `cannot see a synchronous standby of ${host} within ${RESTORED_LIMIT_MS / 1_000} s`,
    );
  stage.count('restoredAfterMs', Date.now() - began);
}

async function acknowledgedSince(stage: Stage, since: number): Promise<number> {
  return (await readAcknowledgements(stage.lab.name)).filter((it) => it.at > since).length;
}
