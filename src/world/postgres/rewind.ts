/** Runs pg_rewind with every precaution of facts.md section 6; whether it may run at all is decided elsewhere. */
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import type { Command, CommandResult } from '../remote/runner.ts';

export interface CopyOptions {
  /** Connection string of the survivor, without password. */
  readonly source: string;
  readonly passwordFile: string;
  readonly timeoutSeconds: number;
  readonly inheritedDescriptors: readonly number[];
}

/**
 * `--no-ensure-shutdown`: its own crash recovery cannot run with a standing standby.signal, so an unclean target is refused instead.
 * `--config-file`: Debian keeps postgresql.conf elsewhere.
 */
export function rewindCommand(postgres: PostgresConfig, options: CopyOptions): Command {
  return {
    program: join(postgres.binDirectory, 'pg_rewind'),
    arguments: [
      `--target-pgdata=${postgres.dataDirectory}`,
      `--source-server=${options.source}`,
      `--config-file=${postgres.configFile}`,
      '--no-ensure-shutdown',
    ],
    user: postgres.user,
    environment: { PGPASSFILE: options.passwordFile },
    timeoutMs: options.timeoutSeconds * 1_000,
    inheritedDescriptors: options.inheritedDescriptors,
  };
}

/** What it really did. "No rewind required" is never a success here: it is called only where a rewind is required. */
export function rewindSucceeded(result: CommandResult): boolean {
  return result.kind === 'done' && !/no rewind required/i.test(result.stdout + result.stderr);
}
