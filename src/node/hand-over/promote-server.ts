/** Promotes this node's server under its lease, and proves that it can be written. */
import type { LeaseId } from '../../core/lease/lease.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import type { HandOverContext } from './context.ts';

export interface PromotionReport {
  readonly timeline: TimelineId;
  /** `synchronous_standby_names` as it was, where it was suspended; else null. */
  readonly suspendedSynchronous: string | null;
  /** promote: until not in recovery; write: until the epoch row is committed here. */
  readonly seconds: Readonly<Record<'promote' | 'write' | 'total', number>>;
}

/**
 * At most `promoteSeconds`. Throws `timeout` or `command-failed` where the server does not become writable; the caller looks then. Afterwards
 * the caller opens the gate and then calls `pinServer(context, 'holder')`, which costs time and may come later.
 */
export function promoteServer(_context: HandOverContext, _lease: LeaseId): Promise<PromotionReport> {
  throw new Error('not built yet');
}

/** Puts `synchronous_standby_names` back, where `promoteServer` suspended it. To be called once a standby streams. */
export function restoreSynchronous(_context: HandOverContext): Promise<string | null> {
  throw new Error('not built yet');
}
