/** Writes the heartbeat row on the primary, in a session whose commits never wait for a standby. */
import type { ClusterConfig } from '../config/schema.ts';
import type { Role } from '../core/model/role.ts';
import type { HeartbeatWrite } from '../metrics/view.ts';
import type { Clock } from '../world/clock.ts';
import { createSession, type PostgresSession, type Statement } from '../world/postgres/session.ts';
import type { Log } from './log.ts';

export interface Heartbeat {
  /** Writes once where this node is, or last was known to be, the primary. */
  readonly step: () => Promise<void>;
  /** The last write; null while this node is no primary. */
  readonly last: () => HeartbeatWrite | null;
}

const WRITE: Statement = {
  name: 'primacy_heartbeat',
  text: 'update public.sr_delay set sr_date = now() where id = 1',
};

/**
 * The writer's session. `synchronous_commit=local`: "cannot write" must not look like "waits for a synchronous standby",
 * which sync-probe.ts measures. `default_transaction_read_only=off`: a read-only default is not a dead primary.
 */
export function createHeartbeatSession(cluster: ClusterConfig): PostgresSession {
  const { postgres, heartbeat, timings } = cluster;
  const statementMs = Math.ceil(timings.sqlStatementSeconds * 1000);
  return createSession({
    host: '127.0.0.1',
    port: postgres.port,
    database: heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: 'primacy heartbeat',
    connectTimeoutMs: timings.sqlConnectSeconds * 1000,
    settings: {
      synchronous_commit: 'local',
      default_transaction_read_only: 'off',
      statement_timeout: statementMs,
      lock_timeout: Math.ceil(statementMs / 2),
    },
  });
}

/** Makes the writer. `role` gives the role of the last look; an unknown one changes nothing. */
export function createHeartbeat(
  session: PostgresSession,
  cluster: ClusterConfig,
  role: () => Role,
  clock: Clock,
  log: Log,
): Heartbeat {
  const { sqlConnectSeconds, sqlStatementSeconds } = cluster.timings;
  const limitMs = (sqlConnectSeconds + sqlStatementSeconds) * 1000;
  let last: HeartbeatWrite | null = null;
  let writing = false;
  return {
    step: async () => {
      const now = role();
      if (now !== 'unknown') writing = now === 'primary';
      if (!writing) {
        last = null;
        return;
      }
      const start = clock.monotonicMillis();
      const outcome = await session.query(WRITE, limitMs);
      const success = outcome.kind === 'rows' && outcome.rowCount === 1;
      if (!success && last?.success !== false) log.warn({ why: whyFailed(outcome) }, 'heartbeat not written');
      if (success && last?.success === false) log.info({}, 'heartbeat written again');
      last = {
        success,
        seconds: (clock.monotonicMillis() - start) / 1000,
        endedAt: clock.wallMillis() / 1000,
      };
    },
    last: () => last,
  };
}

function whyFailed(outcome: Awaited<ReturnType<PostgresSession['query']>>): string {
  return outcome.kind === 'failed' ? outcome.failure.detail : 'sr_delay has no row with id 1 (primacy setup)';
}
