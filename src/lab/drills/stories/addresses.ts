/** Drills about the VIP itself: deleted, added where it does not belong, or taken by a stranger. */
import type { Drill } from '../drill.ts';
import { alarm } from './shapes.ts';

export const addressDrills: readonly (readonly [string, Drill])[] = [
  [
    'vip-deleted',
    {
      summary: 'the VIP is deleted from the primary by hand: keepalived puts it back, and nobody takes over',
      endsOn: 'pg1',
      twoPrimaries: false,
      story: async (stage) => {
        await stage.strike('delete-vip', 'pg1');
        await stage.takenOver('pg1');
        await stage.onlyWriters('pg1');
      },
    },
  ],
  [
    'vip-on-standby',
    {
      summary:
        "the primary's keepalived crashes and the VIP ends up on the standby alone, by a hand that wanted to help",
      // It may take longer than a primary waits for its VIP.
      endsOn: null,
      twoPrimaries: false,
      mayAlert: ['KeepalivedDown', 'VipOnStandby', 'VipMissing'],
      story: async (stage) => {
        await stage.strike('kill-keepalived', 'pg1');
        await stage.strike('delete-vip', 'pg1');
        await stage.strike('add-vip', 'pg2');
        await stage.noVip('pg2');
        // Bringing a crashed keepalived back is its service manager's work.
        await stage.mend('kill-keepalived', 'pg1');
      },
    },
  ],
  [
    'vip-conflict',
    {
      summary: 'the VIP is added to the standby by hand while the primary holds it',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: ['VipOnStandby', 'VipConflict'],
      story: async (stage) => {
        await stage.strike('add-vip', 'pg2');
        await stage.noVip('pg2');
        await stage.onlyWriters('pg1');
      },
    },
  ],
  [
    'vip-on-witness',
    {
      summary: 'the VIP is added to the witness by hand: its agent takes it away',
      endsOn: 'pg1',
      twoPrimaries: false,
      mayAlert: ['VipOnStandby', 'VipConflict'],
      story: async (stage) => {
        await stage.strike('add-vip', 'witness');
        await stage.noVip('witness');
        await stage.onlyWriters('pg1');
      },
    },
  ],
  [
    'vip-stolen',
    {
      summary: 'a stranger answers for the VIP and announces it: nobody takes over, and an alert names it',
      endsOn: 'pg1',
      twoPrimaries: false,
      alerts: [alarm('VipConflict', null, 60)],
      story: async (stage) => {
        await stage.strike('steal-vip');
        await stage.alarmed();
        await stage.onlyWriters('pg1');
        await stage.mend('steal-vip');
      },
    },
  ],
];
