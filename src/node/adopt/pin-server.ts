/** Pins what protects a server against its own start and promotion, again after each change of its role. */
import type { GuardContext } from './guard-context.ts';

/**
 * `holder`: also empties `primary_conninfo` and sees to it that `standby.signal` stands (born standby).
 * `standby`: leaves both alone. Works on a running server (ALTER SYSTEM and a reload) and on a stopped one (its
 * postgresql.auto.conf). Does nothing where everything is as it must be, and not on a node that was not adopted.
 */
export function pinServer(_context: GuardContext, _as: 'holder' | 'standby'): Promise<void> {
  throw new Error('not built yet');
}
