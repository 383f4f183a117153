/** Drills of two nodes without a witness: nobody can outvote anybody, so only a proven death changes the primary. */
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

/** Nobody but these two votes; `auto` plays the person who approves a rejoin. */
const PAIR = { witness: false, policy: 'auto' } as const;

export const pairDrills: readonly (readonly [string, Drill])[] = [
  [
    'pair-kill-postgres',
    {
      summary: 'two nodes, no witness: the postmaster dies, and its agent proves the death and hands over',
      endsOn: 'pg2',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      lab: PAIR,
      story: async (stage) => {
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
      },
    },
  ],
  [
    'pair-standby-off',
    {
      summary: 'two nodes, no witness: the standby is off for 20 s, and the primary goes on alone',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: ['AgentDown'],
      lab: PAIR,
      story: async (stage) => {
        await stage.strike('power-off', 'pg2');
        await stage.stand(20);
        await stage.takenOver('pg1');
        await stage.mend('power-off', 'pg2');
      },
    },
  ],
  [
    'pair-power-off',
    {
      summary: 'two nodes, no witness: the primary’s host is off for 15 s, and nobody takes its place',
      endsOn: null,
      twoPrimaries: false,
      mayAlert: ['AgentDown', 'PostgresNoPrimary', 'LeaseNotHeld', 'VipMissing', 'HeartbeatStale'],
      lab: PAIR,
      story: async (stage) => {
        await stage.strike('power-off', 'pg1');
        await stage.stand(15);
        await stage.onlyWriters('pg1');
        await stage.mend('power-off', 'pg1');
      },
    },
  ],
  [
    'pair-partition',
    {
      summary:
        'two nodes, no witness, cut from each other for 20 s: the primary goes on, the standby stays one',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: ['AgentDown'],
      lab: PAIR,
      story: async (stage) => {
        await stage.strike('partition', 'pg2');
        await stage.stand(20);
        await stage.onlyWriters('pg1');
        await stage.mend('partition', 'pg2');
      },
    },
  ],
];
