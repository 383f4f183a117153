/** Whether this node's agent may pause the cluster, or end a pause: only who holds the lease, by a majority, has it to lengthen. */
import type { DutySnapshot } from './duty.ts';

export const PAUSE_REFUSALS = [
  /** Its agent only observes. */
  'not-adopted',
  /** Another node holds the lease, or nobody. */
  'not-holder',
  /** The lease is a person's override. */
  'forced',
  /** Resume: nothing is paused. */
  'not-paused',
  /** Resume: no majority renews the lease, so that this primary would end with the pause. */
  'no-majority',
  /** Pause: one stands already that ends later. */
  'paused-longer',
] as const;
export type PauseRefusal = (typeof PAUSE_REFUSALS)[number];

export interface PauseObstacle {
  readonly code: PauseRefusal;
  /** One sentence without full stop. */
  readonly reason: string;
}

/** Why the cluster cannot be paused here; null where it can. */
export function whyNoPause(snapshot: DutySnapshot): PauseObstacle | null {
  const { self, adopted, lease } = snapshot;
  if (adopted.kind === 'unknown' || !adopted.value)
    return { code: 'not-adopted', reason: `${self} was not adopted, so that its agent only observes` };
  const obstacle = whyNotHere(snapshot, 'primacy pause');
  if (obstacle !== null) return obstacle;
  return lease.forced
    ? { code: 'forced', reason: `${self} is primary by an override, without a majority of the voters` }
    : null;
}

/** Why a pause cannot be ended here; null where it can. */
export function whyNoResume(snapshot: DutySnapshot): PauseObstacle | null {
  const { lease, self } = snapshot;
  if (lease.pause === null) {
    const holder = lease.newest?.lease.holder ?? null;
    const unheard = holder !== null && holder !== self && lease.holderHeardAt === null;
    const reason = unheard ? `no pause is known here, and ${holder} is not heard` : 'nothing is paused';
    return { code: 'not-paused', reason };
  }
  return whyNotHere(snapshot, 'primacy resume');
}

function whyNotHere({ self, now, lease, limits }: DutySnapshot, command: string): PauseObstacle | null {
  if (lease.entitledUntil !== null) return null;
  const holder = lease.newest?.lease.holder ?? null;
  if (holder === null || holder === self)
    return { code: 'not-holder', reason: 'nobody holds the lease, so that there is nothing to hold on to' };
  const heard = lease.holderHeardAt !== null && now - lease.holderHeardAt <= limits.promotionWaitMs;
  const reason = heard
    ? `${holder} holds the lease: run "${command}" there`
    : `${holder} had the lease last and is not heard: bring its agent back and run "${command}" there`;
  return { code: 'not-holder', reason };
}
