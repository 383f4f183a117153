/** Drills about wall clocks: no decision may depend on one, and none may compare two hosts' clocks. */
import type { Drill } from '../drill.ts';
import { QUICK_TAKEOVER } from './shapes.ts';

const STAND_SECONDS = 10;

function jumped(fault: string, direction: string): Drill {
  return {
    summary: `the primary's wall clock jumps an hour ${direction}, then the standby's, and then the primary is killed`,
    endsOn: 'pg2',
    twoPrimaries: false,
    mayAlert: QUICK_TAKEOVER,
    lab: { fakeClocks: true },
    story: async (stage) => {
      await stage.strike(fault, 'pg1');
      await stage.stand(STAND_SECONDS);
      await stage.onlyWriters('pg1');
      await stage.mend(fault, 'pg1');
      await stage.strike(fault, 'pg2');
      await stage.stand(STAND_SECONDS);
      await stage.onlyWriters('pg1');
      await stage.strike('kill-postgres', 'pg1');
      await stage.takenOver('pg2');
      await stage.whole();
      await stage.mend(fault, 'pg2');
    },
  };
}

export const clockDrills: readonly (readonly [string, Drill])[] = [
  ['clock-forward', jumped('clock-forward', 'forward')],
  ['clock-backward', jumped('clock-backward', 'backward')],
];
