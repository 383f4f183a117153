/** The drills: which fault, what counts as time zero, and what a person or an init does afterwards. */
import { breakLab, mendLab } from '../faults/strike.ts';
import type { IncidentPlan } from './incident.ts';

export interface Drill {
  readonly summary: string;
  readonly plan: (lab: string) => IncidentPlan;
}

async function strikeAll(
  lab: string,
  strikes: readonly (readonly [fault: string, host: string])[],
): Promise<void> {
  for (const [fault, host] of strikes) await breakLab(lab, fault, host, []);
}

export const drills: ReadonlyMap<string, Drill> = new Map<string, Drill>([
  [
    'dual-primary',
    {
      summary: 'the standby is promoted by hand while the primary serves clients',
      plan: (lab) => ({ dualPrimary: true, strike: () => strikeAll(lab, [['promote-standby', 'pg2']]) }),
    },
  ],
  [
    'vip-on-standby',
    {
      summary:
        "the primary's keepalived crashes and the VIP ends up on the standby alone, by a hand that wanted to help",
      plan: (lab) => ({
        dualPrimary: false,
        strike: () =>
          strikeAll(lab, [
            ['kill-keepalived', 'pg1'],
            ['delete-vip', 'pg1'],
            ['add-vip', 'pg2'],
          ]),
        // The remediation takes the VIP from the standby; bringing a crashed keepalived back is its service manager's work.
        afterwards: async () => {
          await mendLab(lab, 'kill-keepalived', 'pg1');
        },
      }),
    },
  ],
  [
    'vip-conflict',
    {
      summary: 'the VIP is added to the standby by hand while the primary holds it',
      plan: (lab) => ({ dualPrimary: false, strike: () => strikeAll(lab, [['add-vip', 'pg2']]) }),
    },
  ],
]);
