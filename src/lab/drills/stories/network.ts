/** Drills about power and network: the primary's host off, cut off, and the witness gone at a bad moment. */
import type { Drill } from '../drill.ts';
import { AGENT_DOWN_SECONDS, alarm, AT_RISK_SECONDS, harmless, QUICK_TAKEOVER } from './shapes.ts';

export const networkDrills: readonly (readonly [string, Drill])[] = [
  [
    'power-off',
    {
      summary: "the primary's host loses power, and comes back with a blind start",
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: ['AgentDown'],
      // What the dead host had not sent is found when it is back; `auto` plays the person who approves its rejoin.
      lab: { policy: 'auto' },
      story: async (stage) => {
        await stage.strike('power-off', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('power-off', 'pg1');
      },
    },
  ],
  [
    'witness-off',
    harmless(
      "the witness's host is off: nothing happens to clients",
      { fault: 'power-off', host: 'witness' },
      {
        alerts: [
          alarm('AgentDown', 'witness', AGENT_DOWN_SECONDS),
          alarm('LeaseQuorumAtRisk', 'pg1', AT_RISK_SECONDS),
        ],
      },
    ),
  ],
  [
    'witness-and-primary-off',
    {
      summary:
        'the witness is off, then the primary for 15 s: nobody is left to agree, so nobody is promoted',
      endsOn: null,
      twoPrimaries: false,
      lab: { policy: 'auto' },
      mayAlert: ['AgentDown', 'PostgresNoPrimary', 'LeaseNotHeld', 'VipMissing', 'HeartbeatStale'],
      story: async (stage) => {
        await stage.strike('power-off', 'witness');
        await stage.stand(2);
        await stage.strike('power-off', 'pg1');
        await stage.stand(15);
        await stage.onlyWriters('pg1');
        await stage.mend('power-off', 'pg1');
        await stage.mend('power-off', 'witness');
      },
    },
  ],
  [
    'witness-off-kill-postgres',
    {
      summary:
        'the witness is off, and the postmaster of the primary is killed: two of three voters are enough',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: [...QUICK_TAKEOVER, 'AgentDown'],
      story: async (stage) => {
        await stage.strike('power-off', 'witness');
        await stage.stand(2);
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('power-off', 'witness');
      },
    },
  ],
];
