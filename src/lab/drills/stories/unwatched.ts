/** Drills with nobody watching: Prometheus, Alertmanager and responder are off, and the nodes must do alone. */
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

export const unwatchedDrills: readonly (readonly [string, Drill])[] = [
  [
    'unwatched',
    {
      summary:
        'the monitoring host is off; the postmaster is killed, then the old primary is promoted by hand and refused',
      endsOn: 'pg2',
      twoPrimaries: false,
      // A Prometheus that has just come back has not seen everybody yet.
      mayAlert: [
        ...QUICK_TAKEOVER,
        'AgentDown',
        'PostgresNoPrimary',
        'LeaseNotHeld',
        'VipMissing',
        'HeartbeatStale',
      ],
      story: async (stage) => {
        await stage.prepare('power-off', 'mon');
        await stage.strike('kill-postgres', 'pg1');
        await stage.takenOver('pg2');
        await stage.whole();
        stage.newAct();
        stage.count('refused', (await stage.refusal('promote-standby', 'pg1')) ? 1 : 0);
        await stage.onlyWriters('pg2');
        await stage.whole();
        await stage.restore('power-off', 'mon');
      },
    },
  ],
];
