/** Writes the heartbeat row on the primary, in a session whose commits never wait for a standby, and tells "cannot write" from less. */
import type { ClusterConfig } from '../config/schema.ts';
import type { Role } from '../core/model/role.ts';
import type { HeartbeatWrite } from '../metrics/view.ts';
import { bootMillis, type Clock } from '../world/clock.ts';
import {
  createSession,
  type PostgresSession,
  type SqlOutcome,
  type Statement,
} from '../world/postgres/session.ts';
import type { Log } from './log.ts';

export interface Heartbeat {
  /** Writes once where this node is, or last was known to be, the primary. */
  readonly step: () => Promise<void>;
  /** The last write; null while this node is no primary. */
  readonly last: () => HeartbeatWrite | null;
  /** P2: since when this write and a different one have both failed, boot-time milliseconds; null = it can be written. */
  readonly cannotWriteSince: () => number | null;
}

const WRITE: Statement = {
  name: 'primacy_heartbeat',
  text: 'update public.sr_delay set sr_date = now() where id = 1',
};

/** Another table and another row: what fails as well is not a lock on sr_delay. */
const SECOND_WRITE: Statement = {
  name: 'primacy_second_write',
  text: `insert into primacy.marker (id, node, written_at) values ('00000000-0000-0000-0000-000000000002', 'write-probe', now())
         on conflict (id) do update set written_at = excluded.written_at`,
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
  let cannotWriteSince: number | null = null;

  const judgeFailure = async (outcome: SqlOutcome<unknown>, began: number): Promise<void> => {
    const second = mayBeUnwritable(outcome) ? await session.query(SECOND_WRITE, limitMs) : outcome;
    cannotWriteSince = mayBeUnwritable(second) ? (cannotWriteSince ?? began) : null;
  };

  return {
    step: async () => {
      const now = role();
      if (now !== 'unknown') writing = now === 'primary';
      if (!writing) {
        last = null;
        cannotWriteSince = null;
        return;
      }
      const [start, began] = [clock.monotonicMillis(), bootMillis()];
      const outcome = await session.query(WRITE, limitMs);
      const success = outcome.kind === 'rows' && outcome.rowCount === 1;
      if (!success && last?.success !== false) log.warn({ why: whyFailed(outcome) }, 'heartbeat not written');
      if (success && last?.success === false) log.info({}, 'heartbeat written again');
      last = {
        success,
        seconds: (clock.monotonicMillis() - start) / 1000,
        endedAt: clock.wallMillis() / 1000,
      };
      if (success) cannotWriteSince = null;
      else await judgeFailure(outcome, began);
    },
    last: () => last,
    cannotWriteSince: () => cannotWriteSince,
  };
}

/**
 * Whether a failed write may mean that nothing can be written: no space, a broken disk, a commit that never ends. Not: a server without a
 * free connection, one that is starting, a refused login or permission, a missing table; those are answers of a server that lives.
 */
function mayBeUnwritable(outcome: SqlOutcome<unknown>): boolean {
  if (outcome.kind === 'rows') return false;
  const { kind, sqlState } = outcome.failure;
  if (kind === 'refused' || kind === 'not-now') return false;
  return sqlState === null || !HARMLESS.test(sqlState);
}

/** Classes 08, 28, 3D, 42, 57P (connection, login, database, syntax and access, shutdown) and 53300 too_many_connections. */
const HARMLESS = /^(08|28|3D|42|57P|53300)/;

function whyFailed(outcome: Awaited<ReturnType<PostgresSession['query']>>): string {
  return outcome.kind === 'failed' ? outcome.failure.detail : 'sr_delay has no row with id 1 (primacy setup)';
}
