/** What is pinned in postgresql.auto.conf of an adopted server, so that neither a start nor a promotion by hand makes it writable. Pure. */
import type { Paths } from '../../config/paths.ts';
import type { Settings } from '../../world/postgres/recovery-settings.ts';
import { wrapperCommands } from './guard-settings.ts';

/** Short, because a successor's tail rescue waits for the server to ask again; the wrapper answers in milliseconds. */
const RETRIEVE_RETRY = '200ms';

/**
 * On every adopted server, primary or standby.
 * - the leftovers of a recovery: a standby with `recovery_target_time` promoted itself (facts.md section 10).
 * - `restart_after_crash`: a mere backend crash would turn a primary with a standing signal into a standby.
 */
export function standingPins(paths: Paths): Settings {
  const { restoreCommand, recoveryEndCommand } = wrapperCommands(paths);
  return {
    recovery_end_command: recoveryEndCommand,
    restore_command: restoreCommand,
    recovery_target: '',
    recovery_target_name: '',
    recovery_target_time: '',
    recovery_target_xid: '',
    recovery_target_lsn: '',
    recovery_target_timeline: 'latest',
    // PostgreSQL 15 and before; a server that does not know it is not told.
    promote_trigger_file: '',
    restart_after_crash: 'off',
    wal_retrieve_retry_interval: RETRIEVE_RETRY,
  };
}

/** A holder follows nobody: started blindly it waits, read-only, until its agent has found out who is primary. */
export const HOLDER_PINS: Settings = { primary_conninfo: '' };
