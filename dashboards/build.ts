/** Writes the dashboards as JSON beside their sources: `node dashboards/build.ts`. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { clusterDashboard } from './cluster.ts';
import { fleetDashboard } from './fleet.ts';

/** File name without ending -> dashboard. */
export const dashboards: Readonly<Record<string, () => Dashboard>> = {
  fleet: fleetDashboard,
  cluster: clusterDashboard,
};

/** The text of a dashboard's file. */
export function dashboardText(dashboard: Dashboard): string {
  return `${JSON.stringify(dashboard, null, 2)}\n`;
}

if (import.meta.main) {
  await Promise.all(
    Object.entries(dashboards).map(([name, build]) =>
      writeFile(join(import.meta.dirname, `${name}.json`), dashboardText(build())),
    ),
  );
}
