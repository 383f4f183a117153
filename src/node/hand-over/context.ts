/** What the parts of a hand-over are given: a procedure's context, the cluster's secret and a warm session to the own server. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import type { Endpoint, ProcedureContext } from '../procedures/context.ts';

export interface HandOverContext extends ProcedureContext {
  /** Content of `agent.secretFile`, without its newline. */
  readonly secret: string;
  /** To the own server, by `createHandOverSession`: made once and kept, because a login costs what a failover has to spare. */
  readonly session: PostgresSession;
}

/** A session of the database role that may write, and waits for no standby: the first commits of a new primary have none. */
export function createHandOverSession(cluster: ClusterConfig, local: Endpoint): PostgresSession {
  return createSession({
    ...local,
    database: cluster.heartbeat.database,
    user: cluster.postgres.role,
    passwordFile: cluster.postgres.passwordFile,
    applicationName: 'primacy hand-over',
    connectTimeoutMs: cluster.timings.sqlConnectSeconds * 1_000,
    settings: {
      statement_timeout: Math.ceil(cluster.timings.sqlStatementSeconds * 1_000),
      lock_timeout: Math.ceil(cluster.timings.sqlStatementSeconds * 500),
      idle_session_timeout: 0,
      idle_in_transaction_session_timeout: 0,
      default_transaction_read_only: 'off',
      synchronous_commit: 'local',
      jit: 'off',
    },
  });
}

/** Where a node's agent serves WAL, by each of its addresses. */
export function walEndpoints(cluster: ClusterConfig, node: NodeConfig): readonly Endpoint[] {
  return node.addresses.map((host) => ({ host, port: cluster.agent.voterPort }));
}
