/** Tells "cannot write" from "waits for a synchronous standby": one tiny commit the ordinary way, in a session of its own. */
import type { ClusterConfig } from '../config/schema.ts';
import { known, unknown, type Known } from '../core/model/known.ts';
import { createSession, type PostgresSession, type Statement } from '../world/postgres/session.ts';
import type { PostgresLook } from './postgres-look.ts';

export interface SyncProbe {
  /** One commit where this node is a primary with synchronous standbys configured. */
  readonly step: () => Promise<void>;
  /** Null where there is nothing to wait for. */
  readonly waits: () => Known<boolean> | null;
}

const APPLICATION_NAME = 'primacy sync probe';
/** A synchronous commit that takes longer than this waits. */
const WAIT_LIMIT_MS = 1_000;
/** From the cancellation until the backend must have answered. */
const CANCEL_LIMIT_MS = 1_000;

/** A row of primacy.marker, which no account counts as a client's, and which no other writer locks. */
const COMMIT: Statement = {
  name: 'primacy_sync_probe',
  text: `insert into primacy.marker (id, node, written_at) values ('00000000-0000-0000-0000-000000000001', 'sync-probe', now())
         on conflict (id) do update set written_at = excluded.written_at`,
};

/** statement_timeout ends before the wait for a standby begins, so the wait has to be cancelled from another session. */
const CANCEL: Statement = {
  name: 'primacy_sync_cancel',
  text: `select pg_cancel_backend(pid) from pg_stat_activity where application_name = '${APPLICATION_NAME}'`,
};

/** Makes the probe; `canceller` is another session of the same role. */
export function createSyncProbe(
  cluster: ClusterConfig,
  canceller: PostgresSession,
  lastLook: () => PostgresLook | null,
): SyncProbe & { readonly close: () => Promise<void> } {
  const session = createProbeSession(cluster);
  let waits: Known<boolean> | null = null;
  /** A backend that was given up while it waited goes on waiting, so no second one is started beside it. */
  let leftBehind = false;

  const cancel = async (): Promise<number> => {
    const outcome = await canceller.query(CANCEL, CANCEL_LIMIT_MS);
    return outcome.kind === 'rows' ? outcome.rowCount : Number.POSITIVE_INFINITY;
  };

  return {
    step: async () => {
      if (!mustProbe(lastLook())) {
        waits = null;
        return;
      }
      if (leftBehind && (await cancel()) > 0) return;
      leftBehind = false;
      let cancelled = false;
      const timer = setTimeout(() => {
        cancelled = true;
        waits = known(true);
        void cancel();
      }, WAIT_LIMIT_MS);
      const outcome = await session.query(COMMIT, WAIT_LIMIT_MS + CANCEL_LIMIT_MS);
      clearTimeout(timer);
      if (outcome.kind === 'rows') waits = known(cancelled);
      else if (!cancelled) waits = unknown(outcome.failure.detail);
      leftBehind = outcome.kind === 'failed' && cancelled;
    },
    waits: () => waits,
    close: () => session.close(),
  };
}

function createProbeSession(cluster: ClusterConfig): PostgresSession {
  const { postgres, heartbeat, timings } = cluster;
  return createSession({
    host: '127.0.0.1',
    port: postgres.port,
    database: heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: APPLICATION_NAME,
    connectTimeoutMs: timings.sqlConnectSeconds * 1000,
    settings: {
      default_transaction_read_only: 'off',
      statement_timeout: WAIT_LIMIT_MS,
      lock_timeout: WAIT_LIMIT_MS / 2,
    },
  });
}

function mustProbe(look: PostgresLook | null): boolean {
  return (
    look?.role === 'primary' &&
    look.sample.kind === 'known' &&
    look.sample.value.synchronousStandbyNames !== ''
  );
}
