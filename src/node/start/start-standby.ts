/** Starts a stopped server as a standby, whatever it was before, and proves that it came up in recovery. */
import { liftsItself } from '../../core/guard/start-view.ts';
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { removeFenceMarker } from '../../world/files/fence-marker.ts';
import { isEntitling, readLeaseFile } from '../../world/files/lease-file.ts';
import { setStandbySignal } from '../../world/postgres/server-settings.ts';
import { logFileOf, startPostgres } from '../../world/postgres/service.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import { pinServer } from '../adopt/pin-server.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { readMarker } from '../procedures/preconditions.ts';
import type { RunStep } from '../procedures/run-step.ts';
import { endPostgres } from '../procedures/stop-postgres.ts';
import { sessionTo } from '../procedures/survivor-session.ts';

const POLL_MILLIS = 50;

/**
 * Under the node lock. `asHolder`: nobody else can be asked for WAL, and what primary_conninfo says may be from before.
 * Throws `command-failed` where it does not start, `postcondition-missing` where it came up writable without a lease: it is stopped then.
 */
export async function startAsStandby(
  context: ProcedureContext,
  step: RunStep,
  asHolder: boolean,
): Promise<void> {
  const { cluster, node, runner } = context;
  const { postgres, timings } = cluster;
  await step('pin-settings', () => pinServer(context, asHolder ? 'holder' : 'standby'));
  await step('set-standby-signal', () => setStandbySignal(runner, postgres, true));
  const result = await step('start-postgres', () => startPostgres(runner, postgres, timings.startSeconds));
  if (result.kind === 'failed')
    throw new PrimacyError(
      'command-failed',
      `cannot start PostgreSQL on ${node.name}: ${result.stderr.trim().slice(-300)}; see ${logFileOf(postgres.dataDirectory)}`,
      { retryable: true },
    );
  const session = sessionTo(context, context.local);
  try {
    await step('verify', () => requireRecovery(context, session, step));
  } finally {
    await session.close();
  }
  await liftStopMarker(context, step);
}

async function requireRecovery(
  context: ProcedureContext,
  session: PostgresSession,
  step: RunStep,
): Promise<void> {
  const { timings } = context.cluster;
  const inRecovery = await pollUntil(context.clock, timings.startSeconds * 1_000, POLL_MILLIS, () =>
    isInRecovery(session, timings.sqlStatementSeconds * 1_000),
  );
  if (inRecovery === true) return;
  // Seen too late: the agent promotes a holder as soon as it answers.
  const lease = await readLeaseFile(context.paths.leaseFile);
  const entitled =
    lease.kind === 'known' && lease.value !== null && isEntitling(lease.value, context.node.name);
  if (inRecovery === false && entitled) return;
  const what = inRecovery === false ? 'it came up writable' : 'it does not answer';
  if (inRecovery === false) await endPostgres(context, step);
  throw new PrimacyError('postcondition-missing', `cannot verify ${context.node.name}: ${what}`, {
    retryable: true,
  });
}

/** Undefined where it does not answer yet. */
export async function isInRecovery(session: PostgresSession, limitMs: number): Promise<boolean | undefined> {
  const statement = { name: 'primacy-in-recovery', text: 'select pg_is_in_recovery() as it' };
  const outcome = await session.query<{ readonly it: boolean }>(statement, limitMs);
  return outcome.kind === 'rows' ? outcome.rows[0]?.it : undefined;
}

/** A marker of a planned stop ends with the start; `lease-lost` ends only when the node follows or is entitled again. */
async function liftStopMarker(context: ProcedureContext, step: RunStep): Promise<void> {
  const marker = await readMarker(context);
  if (marker === null || marker.reason === LEASE_LOST || !liftsItself(marker.reason)) return;
  await step('lift-marker', () => removeFenceMarker(context.paths.fenceMarker));
}
