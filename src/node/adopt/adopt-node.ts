/** Hands this database node over to Primacy: from the adoption file on, agent, fuse and dead-man script act. */
import type { GuardContext } from './guard-context.ts';

export interface AdoptionReport {
  readonly role: 'primary' | 'standby';
  /** What was done and what a person still has to do, as sentences. */
  readonly sentences: readonly string[];
}

/**
 * Without interruption, and idempotent. Throws `refused` where a precondition does not hold; nothing was changed then.
 * The primary first, then the standbys.
 */
export function adoptNode(_context: GuardContext): Promise<AdoptionReport> {
  throw new Error('not built yet');
}
