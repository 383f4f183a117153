/** Whether another node would let this one copy and stream: a real replication session, opened and closed. */
import { join } from 'node:path';
import type { PostgresConfig } from '../../config/schema.ts';
import { connectionString } from '../../world/postgres/recovery-settings.ts';
import type { Command, Runner } from '../../world/remote/runner.ts';

export interface LoginTarget {
  readonly host: string;
  readonly port: number;
  readonly password: string;
  readonly connectSeconds: number;
}

/**
 * Null where it let us in; null too where nobody answered, or a server that is just starting or stopping, which is another alert's matter;
 * else the server's own words.
 */
export async function refusedLogin(
  runner: Runner,
  postgres: PostgresConfig,
  { host, port, password, connectSeconds }: LoginTarget,
): Promise<string | null> {
  const command: Command = {
    program: join(postgres.binDirectory, 'psql'),
    arguments: [
      '-XAtqw',
      '-c',
      'IDENTIFY_SYSTEM',
      '-d',
      connectionString({
        host,
        port,
        user: postgres.role,
        replication: 'true',
        connect_timeout: Math.max(2, Math.ceil(connectSeconds)),
      }),
    ],
    environment: { PGPASSWORD: password },
    timeoutMs: (connectSeconds + 3) * 1_000,
  };
  const result = await runner.run(command);
  if (result.kind === 'done' || result.kind === 'unknown') return null;
  return refusalIn(result.stderr);
}

/** What psql says of a refused login; null where it tells of none. A server whose messages are translated is a refusal until the next look. */
export function refusalIn(stderr: string): string | null {
  const words = /FATAL: +(.*)/.exec(stderr)?.[1] ?? null;
  return words?.startsWith('the database system is ') === true ? null : words;
}
