/** Decides whether keepalived may carry the VIP here: only on a verified, leased primary without a fence marker. */
import type { FenceMarker } from '../model/fence-marker.ts';
import type { Known } from '../model/known.ts';
import type { Role } from '../model/role.ts';

/** What the lease says about this node. */
export type Entitlement =
  /** Nobody handed this node over: the role alone decides. */
  | { readonly kind: 'not-adopted' }
  /** `epochWritten`: the epoch row of this very lease was seen committed on this server. */
  | { readonly kind: 'entitled'; readonly epochWritten: boolean }
  | { readonly kind: 'none'; readonly reason: string };

export interface GateEvidence {
  readonly entitlement: Entitlement;
  readonly role: Role;
  readonly fence: Known<FenceMarker | null>;
  readonly openNow: boolean;
  /** Since the last look that verified a primary; null where this process never saw one. Monotonic milliseconds. */
  readonly sincePrimaryMs: number | null;
  /** How long an open gate outlives the last verified primary while the role is unknown. */
  readonly holdMs: number;
}

export interface GateDecision {
  readonly open: boolean;
  readonly reason: string;
}

/**
 * Open exactly on a primary verified in this look, that holds the lease and wrote its epoch, with no fence marker. Without the lease it
 * closes at once, whatever else is known. Seen otherwise (standby, starting, down), it closes at once.
 *
 * An unknown role never opens the gate. It closes an open one only after `holdMs`, because one lost look (too many
 * connections, one slow query) would otherwise take a healthy primary's VIP away, and nobody else could serve: no other
 * node is promoted on that evidence. `holdMs` is longer than one connect plus one statement limit, so that at least one
 * complete second look comes first.
 */
export function decideGate(evidence: GateEvidence): GateDecision {
  const { role, fence, openNow, sincePrimaryMs, holdMs, entitlement } = evidence;
  if (entitlement.kind === 'none') return { open: false, reason: entitlement.reason };
  if (fence.kind === 'unknown') return { open: false, reason: `cannot tell whether fenced: ${fence.reason}` };
  if (fence.value !== null) return { open: false, reason: `fence marker stands: ${fence.value.reason}` };
  if (entitlement.kind === 'entitled' && !entitlement.epochWritten)
    return { open: false, reason: 'the epoch row of the lease is not written yet' };
  switch (role) {
    case 'primary':
      return { open: true, reason: 'verified primary' };
    case 'unknown': {
      const held = openNow && sincePrimaryMs !== null && sincePrimaryMs <= holdMs;
      return held
        ? { open: true, reason: 'role unknown, held open since the last verified primary' }
        : { open: false, reason: 'role unknown' };
    }
    case 'standby':
    case 'starting':
    case 'down':
      return { open: false, reason: `role is ${role}` };
  }
}
