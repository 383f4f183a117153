/** Drills about keepalived's check script: it is a guard, and the loss of a guard must not become the loss of the service for good. */
import type { Drill } from '../drill.ts';
import { alarm, bounded, costly } from './shapes.ts';

const NO_GUARD = alarm('FenceGuardMissing', 'pg1', 20);

export const checkScriptDrills: readonly (readonly [string, Drill])[] = [
  [
    'check-script-gone',
    bounded(
      "the primary's check script is gone",
      { fault: 'script-gone', host: 'pg1' },
      { alerts: [NO_GUARD] },
    ),
  ],
  [
    'check-script-hangs',
    costly(
      "the primary's check script never ends: keepalived gives the VIP up, and the primary hands over",
      { fault: 'script-hangs', host: 'pg1' },
      { alerts: [NO_GUARD, alarm('KeepalivedFault', 'pg1', 20)] },
    ),
  ],
  [
    'check-script-without-x',
    bounded(
      "the primary's check script has lost its x bit",
      { fault: 'script-without-x', host: 'pg1' },
      { alerts: [NO_GUARD] },
    ),
  ],
];
