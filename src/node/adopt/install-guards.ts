/** Copies the guard programs and their settings to where PostgreSQL, keepalived and the supervisor find them, root's alone. */
import type { GuardContext } from './guard-context.ts';

/**
 * Idempotent, and without effect by itself: no program does anything while there is no adoption file. It is there before
 * keepalived starts, because keepalived drops a script that it does not find.
 */
export function installGuards(_context: GuardContext): Promise<void> {
  throw new Error('not built yet');
}
