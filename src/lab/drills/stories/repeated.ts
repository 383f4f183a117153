/** Drills about failovers one after the other, and about who is chosen where there is a choice. */
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

export const repeatedDrills: readonly (readonly [string, Drill])[] = [
  [
    'two-failovers',
    {
      summary:
        'the primary is killed, its successor takes over, and is killed as soon as there is somebody to take over',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await stage.whole();
        await stage.ready('pg1');
        stage.newAct();
        await stage.strike('kill-postgres', 'pg2');
        await stage.takenOver('pg1');
      },
    },
  ],
  [
    'three-nodes-priority',
    {
      summary:
        'three nodes, both standbys equal, the primary without power: the one with the higher priority takes over',
      endsOn: 'pg2',
      twoPrimaries: false,
      lab: { nodes: 3, policy: 'auto' },
      mayAlert: ['AgentDown'],
      story: async (stage) => {
        // Nothing is written: both have all there is, and only the priority decides.
        await stage.prepare('power-off', 'client');
        await stage.stand(2);
        await stage.strike('power-off', 'pg1');
        await stage.takenOver('pg2');
        await stage.mend('power-off', 'pg1');
        await stage.restore('power-off', 'client');
      },
    },
  ],
  [
    'three-nodes-cascade',
    {
      summary:
        'three nodes, one standby is made to follow the other, and the primary dies a moment later: one takes over, all follow it',
      // Whoever has the most by then: the second one may have been pointed at the primary again.
      endsOn: null,
      twoPrimaries: false,
      lab: { nodes: 3 },
      mayAlert: QUICK_TAKEOVER,
      story: async (stage) => {
        await stage.strike('cascade', 'pg3', ['pg2']);
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2', 'pg3');
        await stage.whole();
      },
    },
  ],
  [
    'three-nodes-best',
    {
      summary:
        'three nodes, the standby with the higher priority lacks WAL, the primary is without power: the other one takes over',
      endsOn: 'pg3',
      twoPrimaries: false,
      lab: { nodes: 3, policy: 'auto' },
      mayAlert: ['AgentDown'],
      story: async (stage) => {
        await stage.prepare('freeze-receiver', 'pg2');
        await stage.stand(2);
        await stage.strike('power-off', 'pg1');
        await stage.takenOver('pg3');
        await stage.mend('freeze-receiver', 'pg2');
        await stage.mend('power-off', 'pg1');
      },
    },
  ],
];
