/** Every drill, by name. */
import type { Drill } from './drill.ts';
import { addressDrills } from './stories/addresses.ts';
import { archiveDrills } from './stories/archive.ts';
import { bothOffDrills } from './stories/both-off.ts';
import { byHandDrills } from './stories/by-hand.ts';
import { calmDrills } from './stories/calm.ts';
import { clockDrills } from './stories/clocks.ts';
import { checkScriptDrills } from './stories/check-script.ts';
import { lineDrills } from './stories/lines.ts';
import { maintenanceDrills } from './stories/maintenance.ts';
import { networkDrills } from './stories/network.ts';
import { partitionDrills } from './stories/partitions.ts';
import { pairDrills } from './stories/pair.ts';
import { plannedDrills } from './stories/planned.ts';
import { postgresDrills } from './stories/postgres.ts';
import { programDrills } from './stories/programs.ts';
import { repeatedDrills } from './stories/repeated.ts';
import { standbyDrills } from './stories/standby.ts';
import { synchronousDrills } from './stories/synchronous.ts';
import { unwatchedDrills } from './stories/unwatched.ts';
import { upkeepDrills } from './stories/upkeep.ts';

export const drills: ReadonlyMap<string, Drill> = new Map([
  ...postgresDrills,
  ...repeatedDrills,
  ...networkDrills,
  ...bothOffDrills,
  ...partitionDrills,
  ...lineDrills,
  ...standbyDrills,
  ...archiveDrills,
  ...byHandDrills,
  ...addressDrills,
  ...checkScriptDrills,
  ...clockDrills,
  ...programDrills,
  ...pairDrills,
  ...unwatchedDrills,
  ...plannedDrills,
  ...maintenanceDrills,
  ...synchronousDrills,
  ...calmDrills,
  ...upkeepDrills,
]);
