/** A voter: grants each epoch once, and a new one to another holder only when the last holder cannot count on it any more. Pure. */
import type { NodeName } from '../model/names.ts';
import { sameLease, type LeaseConfig, type LeaseId } from './lease.ts';
import type { Claim, LeaseRequest, Refusal, Renew, Transfer, VoterView } from './message.ts';
import { keepNotice, type PauseNotice } from './pause.ts';

/** What must be on disk before an answer that rests on it leaves. Only the first renewal of a lease changes any of it. */
export interface VoterMemory {
  /** The newest lease this voter granted or was told of by its holder; null = none ever. */
  readonly lease: LeaseId | null;
  /**
   * The newest lease that its holder has renewed, as nobody does who was not granted it by a majority; null = none. `lease` itself, or one
   * before it where `lease` is a claim that may have been in vain.
   */
  readonly begun: LeaseId | null;
  /** Set once the holder gave it away: from then on it is dead. */
  readonly transferredTo: NodeName | null;
  /** Digest of voters and timings that the holder of `lease` last used. */
  readonly digest: string | null;
  /** When that was first said, by the holder's clock. */
  readonly digestAt: number;
  /** The longest promotion wait ever heard of. */
  readonly longestWaitMs: number;
  /** Where `lease` is this node's own: the voters that it was counted by, which a change of the configuration must ask too. */
  readonly voters: readonly NodeName[];
  /** Of `lease`: the newest pause that its holder told of, ended or not, with the longest wait that was told of it; null = none. */
  readonly pause: PauseNotice | null;
}

export const NO_MEMORY: VoterMemory = {
  lease: null,
  begun: null,
  transferredTo: null,
  digest: null,
  digestAt: 0,
  longestWaitMs: 0,
  voters: [],
  pause: null,
};

export interface VoterState {
  readonly memory: VoterMemory;
  /** Since then this process has heard everything that was said to it; boot-time milliseconds. */
  readonly startedAt: number;
  /** When grant, renewal or transfer of `memory.lease` was last received; null = not since `startedAt`. */
  readonly heardAt: number | null;
  /** Until when the pause in `memory` keeps everybody but the last holder from a new epoch; null = there is none. */
  readonly pausedUntil: number | null;
}

export interface Vote {
  readonly state: VoterState;
  readonly verdict: 'granted' | 'seen' | Refusal;
}

/** A voter that begins, or begins again: what it had promised before it was stopped is in `memory`, when is not known. */
export function startVoter(memory: VoterMemory, now: number): VoterState {
  const pausedUntil = memory.pause === null ? null : now + memory.pause.waitMs;
  return { memory, startedAt: now, heardAt: null, pausedUntil };
}

/** Judges one request. Where `state.memory` of the result is another object than before, it must be durable before the answer leaves. */
export function vote<Report>(
  config: LeaseConfig,
  state: VoterState,
  request: LeaseRequest<Report>,
  now: number,
): Vote {
  if (!config.voters.includes(request.from)) return { state, verdict: 'stranger' };
  switch (request.kind) {
    case 'look':
      return { state, verdict: 'seen' };
    case 'renew':
      return voteOnRenewal(state, request, now);
    case 'claim':
      return voteOnClaim(config, state, request, now);
    case 'transfer':
      return voteOnTransfer(state, request, now);
  }
}

/** A holder that renews has a majority behind it. A voter that missed the grant learns of it here, durably. */
function voteOnRenewal<Report>(state: VoterState, request: Renew<Report>, now: number): Vote {
  const { memory } = state;
  if (request.lease.holder !== request.from) return { state, verdict: 'not-yours' };
  const stale = staleness(memory, request.lease);
  if (stale !== null) return { state, verdict: stale };
  return grantedTo(state, request, now);
}

function voteOnClaim<Report>(
  config: LeaseConfig,
  state: VoterState,
  request: Claim<Report>,
  now: number,
): Vote {
  const { memory } = state;
  const refuse = (verdict: Refusal): Vote => ({ state, verdict });
  if (request.lease.holder !== request.from) return refuse('not-yours');
  if (memory.lease === null) {
    if (!request.adoption) return refuse('no-memory');
    if (request.digest !== config.digest) return refuse('configuration-differs');
  } else {
    const stale = staleness(memory, request.lease);
    if (stale !== null) return refuse(stale);
    // The last holder may change the configuration: it counts by the old voters too until a majority of them knows.
    const agreed = request.digest === config.digest && request.digest === memory.digest;
    if (!agreed && !isLastHolder(memory, request.from)) return refuse('configuration-differs');
    if (now < readyAt(config, state, request.from)) return refuse('wait');
  }
  return grantedTo(state, request, now);
}

/** A pause belongs to one lease, in whatever epoch: a new lease begins without. */
function grantedTo<Report>(state: VoterState, request: Renew<Report> | Claim<Report>, now: number): Vote {
  const { memory, pausedUntil } = state;
  const { lease, pause: told } = request;
  const goesOn = memory.lease?.uuid === lease.uuid && memory.transferredTo === null;
  const before = goesOn ? memory.pause : null;
  const isNews = told !== null && told.number >= (before?.number ?? 0);
  const next = {
    ...memory,
    ...heard(memory, request, lease),
    lease,
    begun: begunAfter(memory, request),
    transferredTo: null,
    pause: keepNotice(before, told),
  };
  return granted(
    { ...state, pausedUntil: isNews ? now + told.waitMs : goesOn ? pausedUntil : null },
    next,
    now,
  );
}

/** An override begins a lease of its own, by a person's word: what is renewed under it has no majority yet. */
function begunAfter<Report>({ begun }: VoterMemory, request: Renew<Report> | Claim<Report>): LeaseId | null {
  return request.kind === 'renew' && !request.forced ? request.lease : begun;
}

/** Only the holder gives away, and only what this voter takes for its lease. */
function voteOnTransfer<Report>(state: VoterState, request: Transfer<Report>, now: number): Vote {
  const { memory } = state;
  const { lease, successor } = request;
  if (lease.holder !== request.from) return { state, verdict: 'not-yours' };
  const again = sameLease(memory.lease, lease) && memory.transferredTo === successor;
  const stale = again ? null : staleness(memory, lease);
  if (stale !== null) return { state, verdict: stale };
  if (again) return { state, verdict: 'granted' };
  const given = { lease, begun: lease, transferredTo: successor, pause: null };
  const next = { ...memory, ...heard(memory, request, lease), ...given };
  return granted({ ...state, pausedUntil: null }, next, now);
}

/** Why a lease is not, or no longer, what this voter stands by; null where it is that lease or a newer one. */
export function staleness(
  memory: Pick<VoterMemory, 'lease' | 'transferredTo'>,
  lease: LeaseId,
): Refusal | null {
  if (memory.lease === null || lease.epoch > memory.lease.epoch) return null;
  if (lease.epoch < memory.lease.epoch) return 'old-epoch';
  if (!sameLease(memory.lease, lease)) return 'other-lease';
  return memory.transferredTo === null ? null : 'transferred';
}

/** The newest lease is `node`'s, and it did not give it away. */
export function isLastHolder(memory: VoterMemory, node: NodeName): boolean {
  return memory.lease?.holder === node && memory.transferredTo === null;
}

/**
 * The moment from which this voter may grant a new epoch to `candidate`. The last holder itself, and the successor it named, need not
 * wait: the one has no rival in itself, the other was given the right. Anybody else waits the longest promotion wait ever heard of,
 * from the last word of the holder, or, where none was heard since the start, from the start: what was promised before is not known.
 * And it waits for the end of a pause. With two voters nobody else ever may: the holder goes on alone (lease.ts `quorumOf`).
 */
function readyAt(config: LeaseConfig, state: VoterState, candidate: NodeName): number {
  const { memory, startedAt, heardAt, pausedUntil } = state;
  if (memory.transferredTo === candidate || isLastHolder(memory, candidate)) return Number.NEGATIVE_INFINITY;
  if (config.voters.length === 2) return Number.POSITIVE_INFINITY;
  const waited = (heardAt ?? startedAt) + Math.max(config.waitMs, memory.longestWaitMs);
  return Math.max(waited, pausedUntil ?? Number.NEGATIVE_INFINITY);
}

/**
 * What every accepted message tells besides: the sender's configuration. A datagram of its former agent that comes after the word of the next
 * one, on a slow line, does not bring the former configuration back (simulation seed 3148402: two nodes were elected, by the old voters and by
 * the new ones).
 */
function heard<Report>(
  { lease: before, digest, digestAt }: VoterMemory,
  request: LeaseRequest<Report>,
  lease: LeaseId,
): Pick<VoterMemory, 'digest' | 'digestAt' | 'longestWaitMs'> {
  const { waitMs: longestWaitMs } = request;
  const goesOn = before?.uuid === lease.uuid;
  return goesOn && (request.digest === digest || request.at < digestAt)
    ? { digest, digestAt, longestWaitMs }
    : { digest: request.digest, digestAt: request.at, longestWaitMs };
}

function granted(state: VoterState, next: VoterMemory, now: number): Vote {
  const { memory } = state;
  const longestWaitMs = Math.max(memory.longestWaitMs, next.longestWaitMs);
  const unchanged =
    sameLease(memory.lease, next.lease) &&
    isSameOrNone(memory.begun, next.begun) &&
    memory.transferredTo === next.transferredTo &&
    memory.digest === next.digest &&
    memory.pause === next.pause &&
    memory.longestWaitMs === longestWaitMs;
  return {
    state: { ...state, memory: unchanged ? memory : { ...next, longestWaitMs }, heardAt: now },
    verdict: 'granted',
  };
}

function isSameOrNone(a: LeaseId | null, b: LeaseId | null): boolean {
  return a === b || sameLease(a, b);
}

/** What this voter tells `asker` of itself. */
export function viewFor(config: LeaseConfig, state: VoterState, asker: NodeName, now: number): VoterView {
  const { memory, heardAt, pausedUntil } = state;
  const { begun, pause } = memory;
  const readyInMs = memory.lease === null ? Number.POSITIVE_INFINITY : readyAt(config, state, asker) - now;
  return {
    lease: memory.lease,
    transferredTo: memory.transferredTo,
    heardAgoMs: heardAt === null ? null : now - heardAt,
    begun,
    grantableInMs: readyInMs === Number.POSITIVE_INFINITY ? null : Math.max(0, readyInMs),
    pause: pause && { ...pause, waitMs: Math.max(0, (pausedUntil ?? now) - now) },
  };
}
