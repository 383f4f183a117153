/** The side of a lease that has it or wants it: counts acknowledgements from the moment each request was sent. Pure. */
import type { NodeName } from '../model/names.ts';
import { majorityOf, sameLease, validUntil, type LeaseConfig, type LeaseId } from './lease.ts';
import type { Answer } from './message.ts';

export type HolderState =
  | { readonly kind: 'idle' }
  /** Wants a new epoch; gives up at `giveUpAt`. `acknowledged`: sending moment of the newest acknowledged request, by voter. */
  | {
      readonly kind: 'claiming';
      readonly lease: LeaseId;
      readonly adoption: boolean;
      readonly acknowledged: ReadonlyMap<NodeName, number>;
      readonly giveUpAt: number;
    }
  | {
      readonly kind: 'holding';
      readonly lease: LeaseId;
      readonly acknowledged: ReadonlyMap<NodeName, number>;
      /** The deadline that this node's earlier agent had earned and left on tmpfs; null where it was not restarted. */
      readonly inheritedUntil: number | null;
    }
  /** Has given it away and tells every voter until all know: entitled to nothing any more. */
  | {
      readonly kind: 'transferring';
      readonly lease: LeaseId;
      readonly successor: NodeName;
      readonly proof: unknown;
      readonly acknowledged: ReadonlySet<NodeName>;
      readonly giveUpAt: number;
    };

export const IDLE: HolderState = { kind: 'idle' };

/** Asks for a new epoch. */
export function startClaim(lease: LeaseId, adoption: boolean, giveUpAt: number): HolderState {
  return { kind: 'claiming', lease, adoption, acknowledged: new Map(), giveUpAt };
}

/** Goes on, after the agent was restarted, with a lease whose deadline on tmpfs has not passed: one that ran out is never renewed. */
export function resume(lease: LeaseId, until: number): HolderState {
  return { kind: 'holding', lease, acknowledged: new Map(), inheritedUntil: until };
}

/** Gives the lease away. The caller has proven that nothing of this node can write or carry the VIP. */
export function startTransfer(
  state: HolderState,
  successor: NodeName,
  proof: unknown,
  giveUpAt: number,
): HolderState {
  if (state.kind !== 'holding') return state;
  return { kind: 'transferring', lease: state.lease, successor, proof, acknowledged: new Set(), giveUpAt };
}

/** Takes an answer to a request of ours that was sent at `sentAt`, about `lease`. */
export function takeAnswer<Report>(
  config: LeaseConfig,
  state: HolderState,
  answer: Pick<Answer<Report>, 'from' | 'verdict'>,
  lease: LeaseId,
  sentAt: number,
): HolderState {
  if (state.kind === 'idle' || !sameLease(state.lease, lease)) return state;
  if (!config.voters.includes(answer.from) || answer.verdict !== 'granted') return state;
  if (state.kind === 'transferring')
    return { ...state, acknowledged: new Set([...state.acknowledged, answer.from]) };
  const before = state.acknowledged.get(answer.from);
  if (before !== undefined && before >= sentAt) return state;
  const acknowledged = new Map(state.acknowledged).set(answer.from, sentAt);
  if (state.kind === 'claiming' && acknowledged.size >= majorityOf(config.voters))
    return { kind: 'holding', lease: state.lease, acknowledged, inheritedUntil: null };
  return { ...state, acknowledged };
}

/** What time alone changes: a lease that ran out is gone for good, a claim or transfer that took too long is given up. */
export function passTime(config: LeaseConfig, state: HolderState, now: number): HolderState {
  switch (state.kind) {
    case 'idle':
      return state;
    case 'claiming':
      return now >= state.giveUpAt ? IDLE : state;
    case 'holding':
      return entitledUntil(config, state, now) === null ? IDLE : state;
    case 'transferring':
      return now >= state.giveUpAt || state.acknowledged.size === config.voters.length ? IDLE : state;
  }
}

/** Until when this node is entitled, in boot-time milliseconds; null where it is not. */
export function entitledUntil(config: LeaseConfig, state: HolderState, now: number): number | null {
  if (state.kind !== 'holding') return null;
  const earned = validUntil(config, state.acknowledged) ?? Number.NEGATIVE_INFINITY;
  const until = Math.max(earned, state.inheritedUntil ?? Number.NEGATIVE_INFINITY);
  return until > now ? until : null;
}
