/** Every drill, by name. */
import type { Drill } from './drill.ts';
import { byHandDrills } from './stories/by-hand.ts';
import { calmDrills } from './stories/calm.ts';
import { networkDrills } from './stories/network.ts';
import { plannedDrills } from './stories/planned.ts';
import { postgresDrills } from './stories/postgres.ts';
import { programDrills } from './stories/programs.ts';
import { synchronousDrills } from './stories/synchronous.ts';

export const drills: ReadonlyMap<string, Drill> = new Map([
  ...postgresDrills,
  ...networkDrills,
  ...byHandDrills,
  ...programDrills,
  ...plannedDrills,
  ...synchronousDrills,
  ...calmDrills,
]);
