/** Proves that this node follows the survivor: its receiver streams on the survivor's timeline, and a row written there arrives here. */
import { randomUUID } from 'node:crypto';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { pollUntil } from '../../../world/clock.ts';
import { processesOf } from '../../../world/postgres/processes.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import { rowsOf } from '../../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../context.ts';
import { sessionTo, type Survivor } from '../survivor-session.ts';

const POLL_MILLIS = 20;

interface ReceiverRow {
  readonly in_recovery: boolean;
  readonly status: string | null;
  readonly timeline: number | null;
}

const RECEIVER = `
  select pg_is_in_recovery() as in_recovery,
    (select status from pg_stat_wal_receiver) as status,
    (select received_tli from pg_stat_wal_receiver) as timeline`;

/**
 * "Streaming" alone proves nothing: a node with a foreign history shows it too (facts.md section 6, peers.md lesson 2). Only the row does.
 * Throws `postcondition-missing` where either does not come within its limit, and as soon as nothing of the server is left.
 */
export async function verifyFollowing(context: ProcedureContext, survivor: Survivor): Promise<void> {
  const { timings } = context.cluster;
  const local = sessionTo(context, context.local);
  try {
    const streaming = await pollUntil(context.clock, timings.streamingSeconds * 1_000, POLL_MILLIS, () =>
      isStreaming(context, local, survivor),
    );
    if (streaming === undefined)
      throw missing(
        context.node.name,
        `it does not stream timeline ${survivor.facts.timeline} from ${survivor.name}`,
      );
    const id = await writeMarker(context, survivor);
    const arrived = await pollUntil(context.clock, timings.markerRowSeconds * 1_000, POLL_MILLIS, () =>
      hasMarker(local, id, timings.sqlStatementSeconds * 1_000),
    );
    if (arrived === undefined)
      throw missing(context.node.name, `a row written on ${survivor.name} did not arrive`);
  } finally {
    await local.close();
  }
}

function missing(node: string, what: string): PrimacyError {
  return new PrimacyError('postcondition-missing', `cannot verify ${node}: ${what}`, { retryable: true });
}

/** Any trouble is "not yet", because the server may still be starting, unless no process of it is left. */
async function isStreaming(
  { cluster, node }: ProcedureContext,
  local: PostgresSession,
  survivor: Survivor,
): Promise<true | undefined> {
  const limitMs = cluster.timings.sqlStatementSeconds * 1_000;
  const outcome = await local.query<ReceiverRow>({ name: 'primacy-receiver', text: RECEIVER }, limitMs);
  if (outcome.kind === 'failed' && (await processesOf(cluster.postgres.dataDirectory)).length === 0)
    throw missing(node.name, 'its server has ended');
  const row = outcome.kind === 'rows' ? outcome.rows[0] : undefined;
  const streams =
    row?.in_recovery === true && row.status === 'streaming' && row.timeline === survivor.facts.timeline;
  return streams ? true : undefined;
}

/** Older rows of this node go at the same time, so that the table stays small. */
async function writeMarker(context: ProcedureContext, survivor: Survivor): Promise<string> {
  const id = randomUUID();
  const limitMs = context.cluster.timings.sqlStatementSeconds * 1_000;
  const remove = 'delete from primacy.marker where node = $1';
  const insert = 'insert into primacy.marker (id, node, written_at) values ($1, $2, now())';
  const { name } = context.node;
  await rowsOf(survivor.session, { name: 'primacy-marker-clear', text: remove, values: [name] }, limitMs);
  await rowsOf(survivor.session, { name: 'primacy-marker', text: insert, values: [id, name] }, limitMs);
  return id;
}

async function hasMarker(local: PostgresSession, id: string, limitMs: number): Promise<true | undefined> {
  const text = 'select 1 from primacy.marker where id = $1';
  const outcome = await local.query({ name: 'primacy-marker-look', text, values: [id] }, limitMs);
  return outcome.kind === 'rows' && outcome.rowCount === 1 ? true : undefined;
}
