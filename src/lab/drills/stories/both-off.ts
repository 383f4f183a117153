/** Drills about the loss of both hosts, off and on in either order: whoever comes back first, no acknowledged row may be missing without a bundle. */
import type { Drill } from '../drill.ts';

/** While everything is off, everything is alarmed about. */
const ANYTHING = ['AgentDown', 'PostgresNoPrimary', 'LeaseNotHeld', 'VipMissing', 'HeartbeatStale'];
const STAND_SECONDS = 8;

function bothOff(
  summary: string,
  order: { readonly off: readonly [string, string]; readonly on: readonly [string, string] },
  secondsBetween: { readonly off: number; readonly on: number },
  endsOn: Drill['endsOn'],
): Drill {
  return {
    summary,
    endsOn,
    twoPrimaries: false,
    // What the one that was off longer lacks, and what the other never sent: `auto` plays the person who approves a rejoin.
    lab: { policy: 'auto' },
    mayAlert: ANYTHING,
    story: async (stage) => {
      await stage.strike('power-off', order.off[0]);
      await stage.stand(secondsBetween.off);
      await stage.strike('power-off', order.off[1]);
      await stage.stand(STAND_SECONDS);
      await stage.mend('power-off', order.on[0]);
      await stage.stand(secondsBetween.on);
      await stage.mend('power-off', order.on[1]);
    },
  };
}

export const bothOffDrills: readonly (readonly [string, Drill])[] = [
  [
    'both-off-primary-first',
    bothOff(
      'both database hosts lose their power at once; the primary is back first',
      { off: ['pg1', 'pg2'], on: ['pg1', 'pg2'] },
      { off: 0, on: 10 },
      // The standby may have taken over in between, where the lab is slow to cut the second line.
      null,
    ),
  ],
  [
    'both-off-standby-first',
    bothOff(
      'both database hosts lose their power at once; the standby is back first',
      { off: ['pg1', 'pg2'], on: ['pg2', 'pg1'] },
      { off: 0, on: 10 },
      null,
    ),
  ],
  [
    'standby-off-then-primary',
    bothOff(
      'the standby loses its power, 12 s later the primary; the standby is back first and must not be promoted without these rows',
      { off: ['pg2', 'pg1'], on: ['pg2', 'pg1'] },
      { off: 12, on: 10 },
      'pg1',
    ),
  ],
  [
    'primary-off-then-standby',
    bothOff(
      'the primary loses its power, the standby takes over and loses its own; the old primary is back first and must not be promoted without these rows',
      { off: ['pg1', 'pg2'], on: ['pg1', 'pg2'] },
      { off: 12, on: 10 },
      'pg2',
    ),
  ],
];
