/** Synchronous replication that a new primary has suspended, as one round of looks shows it. */
import type { Snapshot } from '../../core/model/observation.ts';
import { rfc3339 } from './moment.ts';
import type { ClusterStatus } from './status.ts';

/** Of a primary alone: a standby may have a copy of the record, which means nothing there. */
export function suspendedSeen({ nodes }: Snapshot): ClusterStatus['suspendedSynchronous'] {
  for (const [node, look] of nodes) {
    const postgres = look.kind === 'known' ? look.value.postgres : null;
    if (postgres?.role !== 'primary' || postgres.suspendedSynchronous.kind === 'unknown') continue;
    const { value } = postgres.suspendedSynchronous;
    if (value !== null) return { node, names: value.names, by: value.by, since: rfc3339(value.at) };
  }
  return null;
}
