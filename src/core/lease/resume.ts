/** How an agent that was restarted goes on with the lease of the one before it, from what that one left on disk and on tmpfs. */
import type { NodeName } from '../model/names.ts';
import { hold, IDLE, type HolderState } from './holder.ts';
import { sameLease, type LeaseId } from './lease.ts';
import { endPause } from './pause.ts';
import type { VoterMemory } from './voter.ts';

/** What an agent that was restarted finds on tmpfs of this node's own lease. */
export interface Unexpired {
  readonly lease: LeaseId;
  readonly until: number;
  /** Until when that lease is under an override; left out or null where it is not. */
  readonly overrideUntil?: number | null;
}

/**
 * Goes on with the lease of its own memory whose deadline on tmpfs has not passed: one that ran out is never renewed. A deadline further
 * away than a lease is long is that of a pause, which goes on as well; one that no majority had in writing ends here. Where the voters are
 * others than before (`isChanging`), only a lease's length is gone on with: the new ones were not told of the pause.
 */
export function resume(
  unexpired: Unexpired | null,
  memory: VoterMemory,
  now: number,
  leaseMs: number,
  isChanging: boolean,
): HolderState {
  if (unexpired === null || unexpired.until <= now || memory.transferredTo !== null) return IDLE;
  const { lease, until, overrideUntil = null } = unexpired;
  if (!sameLease(lease, memory.lease)) return IDLE;
  const long = until > now + leaseMs;
  const { pause: notice } = memory;
  if (notice === null) return hold(lease, new Map(), overrideUntil, until);
  if (long && isChanging) return hold(lease, new Map(), overrideUntil, now + leaseMs);
  const pause = { ...notice, untilMs: until, acknowledged: new Set<NodeName>(), countedUntilMs: until };
  return long
    ? hold(lease, new Map(), overrideUntil, null, pause)
    : hold(lease, new Map(), overrideUntil, until, endPause(pause));
}
