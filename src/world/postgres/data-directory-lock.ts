/** Locks a data directory against any start of a server: its pid file names a living process of ours, so that PostgreSQL refuses. */
import type { PostgresConfig } from '../../config/schema.ts';

export interface DataDirectoryLock {
  /** True while the process that holds it lives and it was not released. Ends with this process, too. */
  readonly stands: () => boolean;
  /** Puts back the pid file that was there. Does nothing when called again. */
  readonly release: () => Promise<void>;
}

/** Takes the lock, within `limitMs`. Throws `command-failed` or `timeout`. */
export function lockDataDirectory(_postgres: PostgresConfig, _limitMs: number): Promise<DataDirectoryLock> {
  throw new Error('not built yet');
}
