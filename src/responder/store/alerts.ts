/** Which alerts fire, as far as Alertmanager told us. */
import type { Store } from './store.ts';

export interface FiringAlert {
  readonly name: string;
  readonly cluster: string | null;
  readonly node: string | null;
  readonly startsAt: string;
  readonly clusterKnown: boolean;
}

/** Alerts that were told as firing and not as resolved since. `cluster` null = of all clusters, unknown ones included. */
export async function firingAlerts(store: Store, cluster: string | null): Promise<readonly FiringAlert[]> {
  let query = store
    .selectFrom('alert')
    .select(['name', 'cluster', 'node', 'starts_at', 'cluster_known'])
    .where('status', '=', 'firing')
    .where((build) =>
      build.not(
        build.exists(
          build
            .selectFrom('alert as later')
            .select('later.fingerprint')
            .whereRef('later.fingerprint', '=', 'alert.fingerprint')
            .whereRef('later.starts_at', '>=', 'alert.starts_at')
            .where('later.status', '=', 'resolved'),
        ),
      ),
    )
    .orderBy('received_at');
  if (cluster !== null) query = query.where('cluster', '=', cluster);
  const rows = await query.execute();
  return rows.map((row) => ({
    name: row.name,
    cluster: row.cluster,
    node: row.node,
    startsAt: row.starts_at,
    clusterKnown: row.cluster_known === 1,
  }));
}
