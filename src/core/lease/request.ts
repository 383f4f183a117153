/** What a node asks the voters for, as its part in the lease stands. */
import type { NodeName } from '../model/names.ts';
import { digestFor } from './change-of-voters.ts';
import type { Sent } from './exchange.ts';
import type { HolderState } from './holder.ts';
import type { LeaseConfig } from './lease.ts';
import type { LeaseRequest } from './message.ts';
import { noticeOf } from './pause.ts';
import type { VoterMemory } from './voter.ts';

/**
 * The request to one voter. A node that wants nothing looks; one that gave its lease away goes on saying so until a newer epoch is known,
 * because a voter that missed it would wait for this node.
 */
export function buildRequest<Report>(
  config: LeaseConfig,
  memory: VoterMemory,
  holder: HolderState,
  about: {
    readonly to: NodeName;
    readonly nonce: string;
    readonly report: Report;
    readonly proof: unknown;
    /** When it is sent. */
    readonly at: number;
  },
): LeaseRequest<Report> {
  const { self: from, waitMs } = config;
  const { to, nonce, report } = about;
  const common = { from, nonce, digest: digestFor(config, memory), at: about.at, waitMs, report };
  switch (holder.kind) {
    case 'idle': {
      const { lease, transferredTo: successor } = memory;
      if (lease?.holder !== from || successor === null) return { ...common, kind: 'look' };
      return { ...common, kind: 'transfer', lease, successor, proof: to === successor ? about.proof : null };
    }
    case 'claiming':
      return { ...common, kind: 'claim', lease: holder.lease, adoption: holder.adoption, pause: null };
    case 'holding': {
      const { raise, override } = holder;
      const pause = noticeOf(holder.pause, config, about.at);
      const forced = override !== null;
      if (raise === null || forced)
        return { ...common, kind: 'renew', lease: (raise ?? holder).lease, forced, pause };
      return { ...common, kind: 'claim', lease: raise.lease, adoption: false, pause };
    }
    case 'transferring': {
      const { lease, successor } = holder;
      return { ...common, kind: 'transfer', lease, successor, proof: to === successor ? about.proof : null };
    }
  }
}

/** The same, as the sender keeps it until the answer comes. */
export function sentBy<Report>(request: LeaseRequest<Report>, to: NodeName, at: number): Sent {
  const lease = request.kind === 'look' ? null : request.lease;
  return { at, to, lease, transfer: request.kind === 'transfer' };
}

/** A claim, a transfer or a raise is repeated so often, because a lost datagram must not cost a renewal interval. */
const URGENT_MS = 50;

/** When all voters are asked again. */
export function repeatAfterMs(holder: HolderState, renewMs: number): number {
  const patient = holder.kind === 'idle' || (holder.kind === 'holding' && holder.raise === null);
  return patient ? renewMs : URGENT_MS;
}
