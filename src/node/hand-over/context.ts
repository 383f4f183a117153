/** What the parts of a hand-over are given: a procedure's context, the cluster's secret and a warm session to the own server. */
import type { PostgresSession } from '../../world/postgres/session.ts';
import type { ProcedureContext } from '../procedures/context.ts';

export interface HandOverContext extends ProcedureContext {
  /** Content of `agent.secretFile`, without its newline. */
  readonly secret: string;
  /** To the own server, as the database role, writing allowed; made once by `createHandOverSession` and kept. */
  readonly session: PostgresSession;
}
