/** A session to the survivor for the length of one procedure, opened only where it is the writable primary. */
import type { FileNode } from '../../core/divergence/wal-record.ts';
import type { NodeName } from '../../core/model/names.ts';
import { createSession, type PostgresSession } from '../../world/postgres/session.ts';
import { readFilesOf, readSurvivorFacts, type SurvivorFacts } from '../../world/postgres/survivor.ts';
import type { Endpoint, ProcedureContext } from './context.ts';
import { refusal } from './preconditions.ts';

export interface Survivor {
  readonly name: NodeName;
  readonly endpoint: Endpoint;
  readonly facts: SurvivorFacts;
  readonly session: PostgresSession;
  readonly filesOf: (relations: readonly string[]) => Promise<ReadonlySet<FileNode>>;
}

/** Looks at the survivor and runs `act`. Throws `refused` unless it is a writable primary of the configured cluster. */
export async function withSurvivor<T>(
  context: ProcedureContext,
  name: NodeName,
  act: (survivor: Survivor) => Promise<T>,
): Promise<T> {
  const { timings, systemIdentifier } = context.cluster;
  const endpoint = context.endpointOf(name);
  const session = sessionTo(context, endpoint);
  const limitMs = timings.sqlStatementSeconds * 1_000;
  try {
    const facts = await readSurvivorFacts(session, limitMs);
    if (!facts.writable) throw refusal(context, `${name} does not accept writes`);
    if (systemIdentifier !== null && facts.systemIdentifier !== systemIdentifier)
      throw refusal(context, `${name} belongs to cluster ${facts.systemIdentifier}`);
    const filesOf: Survivor['filesOf'] = (relations) =>
      readFilesOf(session, relations, timings.accountSeconds * 1_000);
    return await act({ name, endpoint, facts, session, filesOf });
  } finally {
    await session.close();
  }
}

/** A session as role `primacy`, in the heartbeat's database unless another is named. */
export function sessionTo(
  context: ProcedureContext,
  endpoint: Endpoint,
  other: { readonly database?: string; readonly settings?: Readonly<Record<string, string>> } = {},
): PostgresSession {
  const { postgres, heartbeat, timings } = context.cluster;
  return createSession({
    ...endpoint,
    database: other.database ?? heartbeat.database,
    user: postgres.role,
    passwordFile: postgres.passwordFile,
    applicationName: 'primacy-node',
    connectTimeoutMs: timings.sqlConnectSeconds * 1_000,
    // The catalogue queries look expensive to the planner; compiling them costs seconds, running them milliseconds.
    settings: { jit: 'off', ...other.settings },
  });
}
