/** Voters' views of a lease as a node is told of them, and a lease service that knows nothing else. */
import type { Peer } from '../../src/core/lease/exchange.ts';
import type { VoterView } from '../../src/core/lease/message.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';
import type { LeaseService } from '../../src/node/lease/lease-service.ts';
import { leaseId, NOW, other, PG1 } from './duty-snapshot.ts';

/** A voter that stands by pg1's lease and heard it 0.1 s ago. */
export function view(changes: Partial<VoterView> = {}): VoterView {
  return {
    lease: leaseId(PG1),
    transferredTo: null,
    heardAgoMs: 100,
    begun: leaseId(PG1),
    grantableInMs: 2_600,
    pause: null,
    ...changes,
  };
}

/** Another node, and what it told; null = it never answered. */
export function peer(node: NodeName, told: VoterView | null, sentAgoMs = 50): [NodeName, Peer<NodeReport>] {
  const { report } = other(node);
  const answer =
    told === null ? null : { sentAt: NOW - sentAgoMs, receivedAt: NOW - sentAgoMs + 10, view: told, report };
  return [node, { heardAt: NOW, clock: null, report, answer }];
}

export function service(own: VoterView, peers: readonly [NodeName, Peer<NodeReport>][]): LeaseService {
  const parts: Partial<LeaseService> = {
    ownView: () => own,
    peers: () => new Map(peers),
    entitledUntil: () => null,
    held: () => null,
    bequest: () => null,
    mayClaim: () => false,
  };
  return parts as LeaseService;
}
