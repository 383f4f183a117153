/** The side of a lease that has it or wants it: counts acknowledgements from the moment each request was sent. Pure. */
import type { NodeName } from '../model/names.ts';
import type { Sent } from './exchange.ts';
import type { Refusal } from './message.ts';
import { mayBegin, sameLease, validUntil, type LeaseId, type Quorum } from './lease.ts';

/** A new epoch that is being asked for. `acknowledged`: sending moment of the newest acknowledged request, by voter. */
interface Asking {
  readonly lease: LeaseId;
  readonly acknowledged: ReadonlyMap<NodeName, number>;
}

export type HolderState =
  | { readonly kind: 'idle' }
  /** Wants a new epoch; gives up at `giveUpAt`. */
  | (Asking & { readonly kind: 'claiming'; readonly adoption: boolean; readonly giveUpAt: number })
  | (Asking & {
      readonly kind: 'holding';
      /** The deadline that this node's earlier agent had earned and left on tmpfs; null where it was not restarted. */
      readonly inheritedUntil: number | null;
      /** A higher epoch for the same holder, asked for because a voter knows a higher one than `lease`; null = none. */
      readonly raise: Asking | null;
    })
  /** Has given it away and tells every voter until all know: entitled to nothing any more. */
  | {
      readonly kind: 'transferring';
      readonly lease: LeaseId;
      readonly successor: NodeName;
      readonly acknowledged: ReadonlySet<NodeName>;
      readonly giveUpAt: number;
    };

export const IDLE: HolderState = { kind: 'idle' };

/** What the holder counts by: more than one quorum while the set of voters changes. */
export interface Counting {
  readonly quorums: readonly Quorum[];
  readonly leaseMs: number;
  /** Of all configured voters: a transfer is told to each. */
  readonly voters: readonly NodeName[];
}

/** Asks for a new epoch. */
export function startClaim(lease: LeaseId, adoption: boolean, giveUpAt: number): HolderState {
  return { kind: 'claiming', lease, adoption, acknowledged: new Map(), giveUpAt };
}

/** Goes on, after the agent was restarted, with a lease whose deadline on tmpfs has not passed: one that ran out is never renewed. */
export function resume(lease: LeaseId, until: number): HolderState {
  return { kind: 'holding', lease, acknowledged: new Map(), inheritedUntil: until, raise: null };
}

/**
 * Asks for a higher epoch of the same lease, which goes on meanwhile as long as it was earned. A voter that once granted another node's
 * claim in vain could otherwise never acknowledge this holder again.
 */
export function startRaise(state: HolderState, epoch: number): HolderState {
  if (state.kind !== 'holding') return state;
  return { ...state, raise: { lease: { ...state.lease, epoch }, acknowledged: new Map() } };
}

/** A voter refused this request because it knows a higher epoch, or another lease of the same, than the one that is held. */
export function isOutvoted(
  state: HolderState,
  request: Sent,
  verdict: 'granted' | 'seen' | Refusal,
): boolean {
  if (state.kind !== 'holding' || state.raise !== null || !sameLease(state.lease, request.lease))
    return false;
  return verdict === 'old-epoch' || verdict === 'other-lease';
}

/** Gives the lease away. The caller has proven that nothing of this node can write or carry the VIP. */
export function startTransfer(state: HolderState, successor: NodeName, giveUpAt: number): HolderState {
  if (state.kind !== 'holding') return state;
  const { lease } = state.raise ?? state;
  return { kind: 'transferring', lease, successor, acknowledged: new Set(), giveUpAt };
}

/** Takes a voter's consent to this request of ours. */
export function takeConsent(counting: Counting, state: HolderState, request: Sent): HolderState {
  const { to: from, lease, transfer, at } = request;
  if (lease === null) return state;
  switch (state.kind) {
    case 'idle':
      return state;
    case 'transferring':
      if (!transfer || !sameLease(state.lease, lease)) return state;
      return { ...state, acknowledged: new Set(state.acknowledged).add(from) };
    case 'claiming': {
      if (!sameLease(state.lease, lease)) return state;
      const acknowledged = withNewer(state.acknowledged, from, at);
      if (!mayBegin(counting.quorums, acknowledged)) return { ...state, acknowledged };
      return { kind: 'holding', lease, acknowledged, inheritedUntil: null, raise: null };
    }
    case 'holding': {
      const { raise } = state;
      if (sameLease(state.lease, lease))
        return { ...state, acknowledged: withNewer(state.acknowledged, from, at) };
      if (raise === null || !sameLease(raise.lease, lease)) return state;
      const raised = withNewer(raise.acknowledged, from, at);
      if (mayBegin(counting.quorums, raised))
        return { kind: 'holding', lease, acknowledged: raised, inheritedUntil: null, raise: null };
      // Whoever grants this holder a higher epoch makes everybody else wait just as after a renewal.
      const acknowledged = withNewer(state.acknowledged, from, at);
      return { ...state, acknowledged, raise: { lease, acknowledged: raised } };
    }
  }
}

function withNewer(
  acknowledged: ReadonlyMap<NodeName, number>,
  from: NodeName,
  at: number,
): ReadonlyMap<NodeName, number> {
  const before = acknowledged.get(from);
  return before !== undefined && before >= at ? acknowledged : new Map(acknowledged).set(from, at);
}

/** What time alone changes: a lease that ran out is gone for good, a claim or transfer that took too long is given up. */
export function passTime(counting: Counting, state: HolderState, now: number): HolderState {
  switch (state.kind) {
    case 'idle':
      return state;
    case 'claiming':
      return now >= state.giveUpAt ? IDLE : state;
    case 'holding':
      return entitledUntil(counting, state, now) === null ? IDLE : state;
    case 'transferring':
      return now >= state.giveUpAt || state.acknowledged.size === counting.voters.length ? IDLE : state;
  }
}

/** Until when this node is entitled, in boot-time milliseconds; null where it is not. */
export function entitledUntil(counting: Counting, state: HolderState, now: number): number | null {
  if (state.kind !== 'holding') return null;
  const earned =
    validUntil(counting.leaseMs, counting.quorums, state.acknowledged) ?? Number.NEGATIVE_INFINITY;
  const until = Math.max(earned, state.inheritedUntil ?? Number.NEGATIVE_INFINITY);
  return until > now ? until : null;
}
