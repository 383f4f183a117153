/** Limits of the keeper that follow from others and need no place in primacy.yml. */
import type { Timings } from '../../config/schema.ts';
import type { DutyLimits } from '../../core/guard/duty.ts';

/** A word of another node older than this is none: six renewal intervals and the way. */
export const PEER_FRESH_MS = 1_500;
/** A supervisor starts the fuse again within this time. */
const GUARD_GRACE_MS = 1_000;
/** A WAL receiver tries again every 5 s by default; a holder that was promoted just now is found at the second try. */
const JOIN_PATIENCE_MS = 3_000;

/** keepalived brings the VIP within half a second of the gate's opening; its restart by a package takes two or three seconds. */
const VIP_MISSING_MS = 5_000;

/** A little longer than "primacy adopt" waits for the lease: where there is none it takes the adoption back itself. */
export const ADOPTION_GRACE_MS = 12_000;

export function dutyLimits(timings: Timings): DutyLimits {
  return {
    handOverMs: timings.handOverSeconds * 1000,
    postgresSilenceMs: timings.postgresSilenceSeconds * 1000,
    cannotWriteMs: timings.cannotWriteSeconds * 1000,
    vipMissingMs: VIP_MISSING_MS,
    adoptionGraceMs: ADOPTION_GRACE_MS,
    guardGraceMs: GUARD_GRACE_MS,
    joinPatienceMs: JOIN_PATIENCE_MS,
    freshMs: PEER_FRESH_MS,
    promotionWaitMs: timings.promotionWaitSeconds * 1000,
  };
}
