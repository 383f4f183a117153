/** The side of a lease that has it or wants it: counts acknowledgements from the moment each request was sent. Pure. */
import type { NodeName } from '../model/names.ts';
import type { Sent } from './exchange.ts';
import { mayBegin, sameLease, validUntil, type LeaseId, type Quorum } from './lease.ts';
import { acknowledgePause, passPause, type Pause } from './pause.ts';

/** A new epoch that is being asked for. `acknowledged`: sending moment of the newest acknowledged request, by voter. */
interface Asking {
  readonly lease: LeaseId;
  readonly acknowledged: ReadonlyMap<NodeName, number>;
}

/** A person's word in place of a majority's: this node's own vote alone counts, until that boot-time moment at most. */
interface Override {
  readonly untilMs: number;
  /** The refusals, one renewal after the other, of voters that know a higher epoch, or another lease of the same; null = none. */
  readonly outvoted: { readonly since: number; readonly last: number } | null;
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
      readonly override: Override | null;
      /** Null where this lease was never paused. */
      readonly pause: Pause | null;
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
  readonly self: NodeName;
  readonly quorums: readonly Quorum[];
  readonly leaseMs: number;
  /** Of all configured voters: a transfer is told to each. */
  readonly voters: readonly NodeName[];
}

/** Asks for a new epoch. */
export function startClaim(lease: LeaseId, adoption: boolean, giveUpAt: number): HolderState {
  return { kind: 'claiming', lease, adoption, acknowledged: new Map(), giveUpAt };
}

/** Holds an epoch that nobody has acknowledged yet, and tells everybody of it as its holder. It ends by `settleOverride`. */
export function startOverride(lease: LeaseId, untilMs: number): HolderState {
  return hold(lease, new Map(), untilMs, null);
}

/** The beginning of a lease; `pause`: one that goes on in a higher epoch. */
export function hold(
  lease: LeaseId,
  acknowledged: ReadonlyMap<NodeName, number>,
  overrideUntil: number | null,
  inheritedUntil: number | null,
  pause: Pause | null = null,
): Extract<HolderState, { kind: 'holding' }> {
  const override = overrideUntil === null ? null : { untilMs: overrideUntil, outvoted: null };
  return { kind: 'holding', lease, acknowledged, inheritedUntil, raise: null, override, pause };
}

/** Gives the lease away. The caller has proven that nothing of this node can write or carry the VIP. */
export function startTransfer(state: HolderState, successor: NodeName, giveUpAt: number): HolderState {
  if (state.kind !== 'holding') return state;
  const { lease } = state.raise ?? state;
  return { kind: 'transferring', lease, successor, acknowledged: new Set(), giveUpAt };
}

/** Takes a voter's consent to this request of ours. `pauseNumber`: of the pause that it has in writing; null = of none. */
export function takeConsent(
  counting: Counting,
  before: HolderState,
  request: Sent,
  pauseNumber: number | null,
): HolderState {
  const { to: from, lease, transfer, at } = request;
  if (lease === null) return before;
  const state = withPause(counting, before, request, pauseNumber);
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
      return hold(lease, acknowledged, null, null);
    }
    case 'holding': {
      const { raise, override } = state;
      if (sameLease(state.lease, lease))
        return { ...state, acknowledged: withNewer(state.acknowledged, from, at) };
      if (raise === null || !sameLease(raise.lease, lease)) return state;
      const raised = withNewer(raise.acknowledged, from, at);
      const begun = override === null ? mayBegin(counting.quorums, raised) : raised.has(counting.self);
      if (begun) return hold(lease, raised, override?.untilMs ?? null, null, state.pause);
      // Whoever grants this holder a higher epoch makes everybody else wait just as after a renewal.
      const acknowledged = withNewer(state.acknowledged, from, at);
      return { ...state, acknowledged, raise: { lease, acknowledged: raised } };
    }
  }
}

function withPause(
  { quorums }: Counting,
  state: HolderState,
  { to, lease }: Sent,
  pauseNumber: number | null,
): HolderState {
  if (state.kind !== 'holding' || state.lease.uuid !== lease?.uuid) return state;
  const pause = acknowledgePause(state.pause, to, pauseNumber, quorums);
  return pause === state.pause ? state : { ...state, pause };
}

function withNewer(
  acknowledged: ReadonlyMap<NodeName, number>,
  from: NodeName,
  at: number,
): ReadonlyMap<NodeName, number> {
  const before = acknowledged.get(from);
  return before !== undefined && before >= at ? acknowledged : new Map(acknowledged).set(from, at);
}

/** A newer epoch of another node ends a claim and a lease; `newest` is what this node's own vote stands by. */
export function yieldTo(state: HolderState, newest: LeaseId | null, self: NodeName): HolderState {
  if (newest === null || newest.holder === self) return state;
  if (state.kind === 'idle' || state.kind === 'transferring') return state;
  return newest.epoch > state.lease.epoch ? IDLE : state;
}

/**
 * What time alone changes: a lease that ran out is gone for good, an override and a pause end, a claim or transfer that took too long is
 * given up.
 */
export function passTime(counting: Counting, before: HolderState, now: number): HolderState {
  const state = settleOverride(counting, before, now);
  switch (state.kind) {
    case 'idle':
      return state;
    case 'claiming':
      return now >= state.giveUpAt ? IDLE : state;
    case 'holding':
      return entitledUntil(counting, state, now) === null ? IDLE : withPauseAt(state, now);
    case 'transferring':
      return now >= state.giveUpAt || state.acknowledged.size === counting.voters.length ? IDLE : state;
  }
}

/**
 * What ran out while this node's own vote was being written is not brought back by that vote, though it may be all that is needed, as with
 * two voters or for a pause: the fences have read the end of it. Under an override, or while it claims, only that vote begins it.
 */
export function endWhatRanOut(counting: Counting, state: HolderState, now: number): HolderState {
  if (state.kind !== 'holding' || state.override !== null) return state;
  return entitledUntil(counting, state, now) === null ? IDLE : state;
}

function withPauseAt(state: Extract<HolderState, { kind: 'holding' }>, now: number): HolderState {
  const pause = passPause(state.pause, now);
  return pause === state.pause ? state : { ...state, pause };
}

/** Until when this node is entitled, in boot-time milliseconds; null where it is not. */
export function entitledUntil(counting: Counting, state: HolderState, now: number): number | null {
  if (state.kind !== 'holding') return null;
  const until = Math.max(renewedUntil(counting, state, now) ?? 0, state.pause?.countedUntilMs ?? 0);
  return until > now ? until : null;
}

/** The same by renewals alone: what is left once a pause is ended. */
export function renewedUntil(counting: Counting, state: HolderState, now: number): number | null {
  if (state.kind !== 'holding') return null;
  const until = Math.max(earnedUntil(counting, state), state.inheritedUntil ?? Number.NEGATIVE_INFINITY);
  return until > now ? until : null;
}

/**
 * An override ends when it expires, and before that once the ordinary quorums have granted its lease, as for a beginning, and for no
 * shorter time than it has by itself: no fence then reads a deadline that a voter does not stand by. From there on they alone count, and
 * where they never granted it the lease has ended.
 */
function settleOverride(counting: Counting, state: HolderState, now: number): HolderState {
  if (state.kind !== 'holding' || state.override === null) return state;
  const { quorums, leaseMs } = counting;
  const begun = mayBegin(quorums, state.acknowledged);
  const ordinary = begun ? validUntil(leaseMs, quorums, state.acknowledged) : null;
  if (now >= state.override.untilMs) return begun ? { ...state, override: null } : IDLE;
  return ordinary !== null && ordinary >= earnedUntil(counting, state) ? { ...state, override: null } : state;
}

/** By acknowledgements alone. Under an override this node's own vote is enough, which counts from its sending like any other. */
function earnedUntil(
  { self, quorums, leaseMs }: Counting,
  { acknowledged, override }: Extract<HolderState, { kind: 'holding' }>,
): number {
  if (override === null) return validUntil(leaseMs, quorums, acknowledged) ?? Number.NEGATIVE_INFINITY;
  const own = acknowledged.get(self) ?? Number.NEGATIVE_INFINITY;
  return Math.min(own + leaseMs, override.untilMs);
}
