/** What everything that acts on one cluster is given; a test gives its own link, clock and store. */
import type { ClusterConfig, ResponderConfig } from '../../config/schema.ts';
import type { ClusterName } from '../../core/model/names.ts';
import type { Clock } from '../../world/clock.ts';
import type { NodeLink } from '../../world/remote/node-link.ts';
import type { JournalEntry } from '../store/journal-entry.ts';
import { appendEntry } from '../store/journal.ts';
import type { Store } from '../store/store.ts';
import type { Lookout } from './lookout.ts';

/** The part of pino that is used here. */
export interface Log {
  readonly info: (fields: object, message: string) => void;
  readonly warn: (fields: object, message: string) => void;
  readonly error: (fields: object, message: string) => void;
}

export interface ClusterContext {
  readonly cluster: ClusterConfig;
  readonly policy: ResponderConfig['policy'];
  readonly link: NodeLink;
  readonly lookout: Lookout;
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

/** The cluster's name, branded. */
export function clusterName(context: ClusterContext): ClusterName {
  return context.cluster.name as ClusterName;
}

/** Appends an entry of this cluster, dated now. */
export async function note(
  context: ClusterContext,
  entry: Pick<JournalEntry, 'event' | 'detail'> & Partial<JournalEntry>,
): Promise<void> {
  await appendEntry(context.store, {
    remediation: null,
    node: null,
    step: null,
    cluster: context.cluster.name,
    at: context.clock.wallMillis(),
    ...entry,
  });
}
