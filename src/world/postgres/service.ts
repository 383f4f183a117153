/** The one place that starts and stops PostgreSQL. */
import { basename, dirname, join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import type { Command, CommandResult, Runner } from '../remote/runner.ts';

export type StopMode = 'fast' | 'immediate';

/** Time that pg_ctl itself needs beyond the limit it was given, before it is killed. */
const PG_CTL_GRACE_MILLIS = 1_000;

/** Server settings given on the command line, which overrule every file. */
export type ServerSettings = Readonly<Record<string, string>>;

/**
 * Starts the server as its operating-system user and waits until it accepts connections, at most `timeoutSeconds`.
 * A start that was not finished in that time goes on in the background: look before doing anything else.
 */
export function startPostgres(
  runner: Runner,
  postgres: PostgresConfig,
  timeoutSeconds: number,
  settings: ServerSettings = {},
): Promise<CommandResult> {
  const options = Object.entries({ config_file: postgres.configFile, ...settings })
    .map(([name, value]) => `-c ${name}=${shellQuote(value)}`)
    .join(' ');
  const seconds = String(Math.max(1, Math.ceil(timeoutSeconds)));
  // With -l the server's output goes to a file: our pipes close as soon as pg_ctl itself ends.
  const log = ['-l', logFileOf(postgres.dataDirectory)];
  return runner.run(pgCtl(postgres, timeoutSeconds, ['start', '-w', '-t', seconds, ...log, '-o', options]));
}

/** Asks the postmaster to stop and waits for its end, at most `timeoutSeconds`. Orphaned backends are left to `killPostgres`. */
export function stopPostgres(
  runner: Runner,
  postgres: PostgresConfig,
  mode: StopMode,
  timeoutSeconds: number,
): Promise<CommandResult> {
  const seconds = String(Math.max(1, Math.ceil(timeoutSeconds)));
  return runner.run(pgCtl(postgres, timeoutSeconds, ['stop', '-w', '-t', seconds, '-m', mode]));
}

/** Asks a standby to become primary and waits for it, at most `timeoutSeconds`. */
export function promotePostgres(
  runner: Runner,
  postgres: PostgresConfig,
  timeoutSeconds: number,
): Promise<CommandResult> {
  const seconds = String(Math.max(1, Math.ceil(timeoutSeconds)));
  return runner.run(pgCtl(postgres, timeoutSeconds, ['promote', '-w', '-t', seconds]));
}

/** Debian's log file for a cluster in Debian's place, else a file beside the data directory. */
export function logFileOf(dataDirectory: string): string {
  const debian = /^\/var\/lib\/postgresql\/([^/]+)\/([^/]+)\/?$/.exec(dataDirectory);
  if (debian !== null) return `/var/log/postgresql/postgresql-${debian[1]}-${debian[2]}.log`;
  return join(dirname(dataDirectory), `${basename(dataDirectory)}.log`);
}

function pgCtl(postgres: PostgresConfig, timeoutSeconds: number, rest: readonly string[]): Command {
  return {
    program: join(postgres.binDirectory, 'pg_ctl'),
    arguments: ['-D', postgres.dataDirectory, ...rest],
    user: postgres.user,
    timeoutMs: timeoutSeconds * 1_000 + PG_CTL_GRACE_MILLIS,
  };
}

/** pg_ctl hands its -o text to a shell. */
function shellQuote(value: string): string {
  return `'${value.replaceAll("'", String.raw`'\''`)}'`;
}
