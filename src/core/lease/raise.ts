/** What a holder makes of a voter that knows a higher epoch than its own: it was succeeded, or a claim in vain has to be outbid. Pure. */
import type { NodeName } from '../model/names.ts';
import type { Sent } from './exchange.ts';
import { IDLE, type HolderState } from './holder.ts';
import { sameLease } from './lease.ts';
import type { Refusal, VoterView } from './message.ts';

export interface Heard {
  /** Which the voter, this node's own perhaps, answered. */
  readonly request: Sent;
  readonly verdict: 'granted' | 'seen' | Refusal;
  readonly view: Pick<VoterView, 'lease' | 'begun'>;
}

interface Terms {
  readonly self: NodeName;
  readonly leaseMs: number;
  readonly now: number;
  /** The first epoch above all that this node knows of. */
  readonly nextEpoch: number;
}

/** Goes on, ends a lease that is over, or begins to ask for a higher epoch. */
export function heed(state: HolderState, heard: Heard, terms: Terms): HolderState {
  if (isSucceeded(state, heard, terms)) return IDLE;
  return isOutvoted(state, heard, terms) ? startRaise(state, terms) : state;
}

/**
 * Another node has held a later lease: it renewed one, as this voter has heard, whatever was claimed in vain since. Then this one ran out long
 * ago, by every clock but that of a host that stood still as a whole. Raised above that lease, this node would go on without what was written
 * under it (simulation seeds -3229596, -3537956 and -3540180 led there).
 */
function isSucceeded(state: HolderState, { view: { begun } }: Heard, { self }: Terms): boolean {
  if (state.kind !== 'holding' || state.override !== null || begun === null) return false;
  return begun.holder !== self && begun.epoch > state.lease.epoch;
}

/**
 * A voter refused this request because it knows a higher epoch, or another lease of the same, than the one that is held, and no more than a
 * claim in vain.
 */
function isOutvoted(
  state: HolderState,
  { request, verdict, view: { lease, begun } }: Heard,
  { self }: Terms,
): boolean {
  if (state.kind !== 'holding' || state.raise !== null || !sameLease(state.lease, request.lease))
    return false;
  const isOutbid = verdict === 'old-epoch' || verdict === 'other-lease';
  if (!isOutbid) return false;
  // By a person's word even above one that was held.
  return state.override !== null || lease?.holder === self || !sameLease(lease, begun);
}

/**
 * Asks for a higher epoch of the same lease, which goes on meanwhile as long as it was earned. A voter that once granted another node's
 * claim in vain could otherwise never acknowledge this holder again.
 *
 * Under an override, which needs nobody's grant, it would rise above any holder in the end. So it first lets a whole lease pass, in which a
 * holder that has a majority makes itself known, and this node yields to it. Who is left then is stuck as well: without this, two holders
 * of a healed network would refuse each other until the override expires.
 */
function startRaise(state: HolderState, { nextEpoch: epoch, now, leaseMs }: Terms): HolderState {
  if (state.kind !== 'holding') return state;
  const raise = { lease: { ...state.lease, epoch }, acknowledged: new Map<NodeName, number>() };
  const { override } = state;
  if (override === null) return { ...state, raise };
  const goesOn = override.outvoted !== null && now - override.outvoted.last < leaseMs;
  const since = goesOn ? override.outvoted.since : now;
  if (now - since >= leaseMs) return { ...state, raise };
  return { ...state, override: { ...override, outvoted: { since, last: now } } };
}
