/** Gives this database node back: an ordinary server remains, primary or standby, with the user's own commands. */
import type { AdoptionReport } from './adopt-node.ts';
import type { GuardContext } from './guard-context.ts';

/** Idempotent. The standbys first, the primary last: an adopted standby would take the place of a primary without a lease. */
export function unadoptNode(_context: GuardContext): Promise<AdoptionReport> {
  throw new Error('not built yet');
}
