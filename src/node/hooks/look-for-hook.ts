/** What a node knows of lease and timelines when a procedure has ended, for the command that is told of it. */
import type { Identity } from '../identify.ts';
import type { OwnServer } from '../keeper/own-server.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { Seen } from './hook-data.ts';

export interface LookParts {
  readonly identity: Identity;
  readonly lease: Pick<LeaseService, 'held' | 'memory' | 'peers'>;
  readonly own: Pick<OwnServer, 'lastPrimary'>;
}

/** By what is in memory; asks nobody. */
export function lookForHook({ identity, lease, own }: LookParts): Omit<Seen, 'at'> {
  const newest = lease.held() ?? lease.memory().lease;
  const timeline = own.lastPrimary?.timeline;
  return {
    cluster: identity.cluster.name,
    node: identity.node.name,
    epoch: newest?.epoch ?? null,
    holder: newest?.holder ?? null,
    ownTimeline: timeline?.kind === 'known' ? timeline.value : null,
    timelineOf: (node) => lease.peers().get(node)?.report.server?.timeline ?? null,
  };
}
