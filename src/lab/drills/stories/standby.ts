/** Drills about a standby that is off, or not fit to take over: then nobody does, and the primary comes back by itself. */
import type { Drill } from '../drill.ts';
import type { Stage } from '../stage.ts';
import { AGENT_DOWN_SECONDS, alarm, AT_RISK_SECONDS, harmless } from './shapes.ts';

const STAND_SECONDS = 15;
/** Nobody is primary meanwhile, and that is told. */
const NO_PRIMARY = ['AgentDown', 'PostgresNoPrimary', 'LeaseNotHeld', 'VipMissing', 'HeartbeatStale'];

/** pg2 is made unfit, then the primary's host loses its power: pg2 must not be promoted, and pg1 comes back with every row. */
function unfit(
  summary: string,
  make: (stage: Stage) => Promise<void>,
  undo: (stage: Stage) => Promise<void>,
): Drill {
  return {
    summary,
    endsOn: 'pg1',
    twoPrimaries: false,
    mayAlert: NO_PRIMARY,
    story: async (stage) => {
      await make(stage);
      await stage.strike('power-off', 'pg1');
      await stage.stand(STAND_SECONDS);
      await stage.onlyWriters('pg1');
      await stage.mend('power-off', 'pg1');
      await stage.backAgain('pg1');
      await undo(stage);
    },
  };
}

export const standbyDrills: readonly (readonly [string, Drill])[] = [
  [
    'standby-off',
    harmless(
      "the standby's host is off: nothing happens to clients",
      { fault: 'power-off', host: 'pg2' },
      {
        alerts: [
          alarm('AgentDown', 'pg2', AGENT_DOWN_SECONDS),
          alarm('LeaseQuorumAtRisk', 'pg1', AT_RISK_SECONDS),
        ],
      },
    ),
  ],
  [
    'standby-paused',
    unfit(
      'replay is paused on the standby, then the primary loses its power: nobody is promoted',
      (stage) => stage.prepare('pause-replay', 'pg2'),
      (stage) => stage.restore('pause-replay', 'pg2'),
    ),
  ],
  [
    'standby-delayed',
    unfit(
      'the standby applies WAL an hour late, then the primary loses its power: nobody is promoted',
      (stage) => stage.prepare('delay-replay', 'pg2'),
      (stage) => stage.restore('delay-replay', 'pg2'),
    ),
  ],
  [
    'standby-behind',
    unfit(
      'the standby lacks more WAL than a failover may lose, then the primary loses its power: nobody is promoted',
      async (stage) => {
        await stage.prepare('freeze-receiver', 'pg2');
        await stage.prepare('write-much', 'pg1');
        // The standby's agent has asked the primary for its end since then.
        await stage.stand(5);
      },
      async (stage) => {
        await stage.restore('freeze-receiver', 'pg2');
        await stage.restore('write-much', 'pg1');
      },
    ),
  ],
  [
    'standby-paused-kill-postgres',
    {
      summary:
        'replay is paused on the standby, and the postmaster of the primary is killed: it starts again itself',
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.prepare('pause-replay', 'pg2');
        await stage.stand(3);
        await stage.strike('kill-postgres', 'pg1');
        await stage.backAgain('pg1');
        await stage.onlyWriters('pg1');
        await stage.restore('pause-replay', 'pg2');
      },
    },
  ],
];
