/** The standing mark on a node that it may not be primary, hold the VIP or be started: set before fencing acts, lifted only by rejoin or `unfence`. */
import type { EpochMillis, FenceNumber, RemediationId } from './names.ts';

export interface FenceMarker {
  /** `fencing` while the procedure runs, `fenced` once it was proven. Both keep the gate shut. */
  readonly state: 'fencing' | 'fenced';
  /** Why, as a stable word: `dual-primary`, `vip-on-non-primary`, `operator`. Used as metric label. */
  readonly reason: string;
  readonly remediation: RemediationId | null;
  readonly fenceNumber: FenceNumber;
  readonly setAt: EpochMillis;
}
