/** Drills about hands that want to help: promotions where they do not belong. */
import type { Drill } from '../drill.ts';
import { alarm } from './shapes.ts';

const PROMOTIONS = 10;

export const byHandDrills: readonly (readonly [string, Drill])[] = [
  [
    'promote-by-hand',
    {
      summary: `pg_ctl promote on the standby, ${PROMOTIONS} times: the guard refuses, not a row is accepted`,
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        for (let number = 1; number <= stage.repetitions(PROMOTIONS); number += 1) {
          // Each is an act of its own: the figures of the run are those of the last.
          stage.newAct();
          const refused = await stage.refusal('promote-standby', 'pg2');
          await stage.whole();
          stage.count('promotions', 1);
          stage.count('refused', refused ? 1 : 0);
          stage.count('rowsOnWrongNode', await stage.insertsAcceptedBy('pg2'));
          await stage.onlyWriters('pg1');
        }
      },
    },
  ],
  [
    'promote-unguarded',
    {
      summary: 'the guard is taken out of the standby, then pg_ctl promote: its agent fences it',
      endsOn: 'pg1',
      twoPrimaries: true,
      spoilsLab: true,
      mayAlert: ['PostgresDualPrimary', 'HistoryForked', 'PrimaryWithoutLease'],
      story: async (stage) => {
        await stage.strike('remove-guard', 'pg2');
        // A fence may end the promotion that pg_ctl still waits for.
        stage.count('refused', (await stage.refusal('promote-standby', 'pg2')) ? 1 : 0);
        await stage.secondWriterOrFence('pg2');
      },
    },
  ],
  [
    'dual-primary',
    {
      summary:
        'agent, fuse and guard are removed from the standby, then pg_ctl promote: the responder finds and repairs it',
      endsOn: 'pg1',
      twoPrimaries: true,
      // Counted from the first fault: to take the guards away takes longer than to find what follows.
      alerts: [alarm('PostgresDualPrimary', null, 45)],
      mayAlert: ['AgentDown', 'HistoryForked', 'PrimaryWithoutLease'],
      story: async (stage) => {
        await stage.strike('unguard', 'pg2');
        await stage.strike('promote-standby', 'pg2');
        await stage.secondWriter();
        await stage.remediated();
        await stage.restore('unguard', 'pg2');
      },
    },
  ],
];
