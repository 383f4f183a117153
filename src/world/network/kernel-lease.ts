/** The lease inside the kernel: client traffic to the VIP passes only while an nftables element lives whose time-out is the remaining lease. */
import type { ClusterConfig } from '../../config/schema.ts';

export type KernelLeaseState =
  | { readonly kind: 'active' }
  | { readonly kind: 'off'; readonly reason: string };

export interface KernelLease {
  /** `off` where nftables is missing, fails, or is not wanted: the other fences then stand alone. */
  readonly state: () => KernelLeaseState;
  /** Lets client traffic pass until that moment of `bootMillis()`. Returns at once. To be called at each renewal. */
  readonly extend: (untilBootMillis: number) => void;
  /** Ends client traffic to the VIP now. Returns at once. To be called also by a standby, once: it puts the rules in place. */
  readonly revoke: () => void;
  /** Ends our process and leaves the rules: what was extended runs out by itself. */
  readonly close: () => Promise<void>;
}

/**
 * Touches nothing before the first `extend` or `revoke`, so that a primary that is adopted loses no client to rules without
 * an element. While `adoptionFile` is absent both do nothing. Keeps one nft process for the renewals.
 */
export function createKernelLease(_cluster: ClusterConfig, _adoptionFile: string): KernelLease {
  throw new Error('not built yet');
}

/** Removes our table and nothing else. */
export function removeKernelLease(): Promise<void> {
  throw new Error('not built yet');
}
