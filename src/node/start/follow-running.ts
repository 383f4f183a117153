/** Points a running standby at the holder by configuration and reload, where its WAL is part of the holder's, and proves it by a row. */
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import { reloadPostgres } from '../../world/postgres/reload.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';
import { readStandbyState, type StandbyState } from '../../world/postgres/standby-state.ts';
import { pinServer } from '../adopt/pin-server.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { pointAt, standbyConninfo, writeReceiverPassword } from '../procedures/rejoin/prepare.ts';
import { verifyFollowing } from '../procedures/rejoin/verify.ts';
import type { RunStep } from '../procedures/run-step.ts';
import { sessionTo, type Survivor } from '../procedures/survivor-session.ts';
import { compareStandby, type Fit } from './compare-with-holder.ts';

export type RunningOutcome =
  | { readonly kind: 'following'; readonly how: 'already' | 'reload' }
  /** It replays what it has, and only its end can be compared: nothing was changed, to be asked again. */
  | { readonly kind: 'not-yet'; readonly reason: string }
  /** Nothing was changed, or the row did not come. */
  | { readonly kind: 'join-needed'; readonly reason: string };

const POLL_MILLIS = 20;
/** A standby that is still replaying after so long is left to a later call. */
const REPLAY_LIMIT_MILLIS = 2_000;

/** Throws `unreachable` where the own server does not answer. */
export async function followRunning(
  context: ProcedureContext,
  survivor: Survivor,
  step: RunStep,
): Promise<RunningOutcome> {
  const local = sessionTo(context, context.local);
  const limitMs = context.cluster.timings.sqlStatementSeconds * 1_000;
  try {
    const { state, fit } = await step(
      'compare-with-holder',
      () => compareWhenReplayed(context, local, survivor, limitMs),
      (it) => (it.fit.fits ? 'it fits' : it.fit.why),
    );
    if (!fit.fits && state.inRecovery && !state.waitsForWal) return { kind: 'not-yet', reason: fit.why };
    if (!fit.fits) return { kind: 'join-needed', reason: fit.why };
    const already = isPointedAt(context, state, survivor);
    if (!already) await step('point-at-holder', () => repoint(context, survivor));
    return await proven(context, survivor, step, already);
  } finally {
    await local.close();
  }
}

/** What is missing may come while it replays; what was seen to differ stays different. */
async function compareWhenReplayed(
  context: ProcedureContext,
  local: PostgresSession,
  survivor: Survivor,
  limitMs: number,
): Promise<{ readonly state: StandbyState; readonly fit: Fit }> {
  const look = async (): Promise<{ readonly state: StandbyState; readonly fit: Fit }> => {
    const state = await readStandbyState(local, limitMs);
    return { state, fit: await compareStandby(state, local, survivor, limitMs) };
  };
  const seen = await pollUntil(context.clock, REPLAY_LIMIT_MILLIS, POLL_MILLIS, async () => {
    const it = await look();
    return it.fit.fits || it.fit.seen || !it.state.inRecovery ? it : undefined;
  });
  return seen ?? look();
}

function isPointedAt(context: ProcedureContext, state: StandbyState, survivor: Survivor): boolean {
  const { host, port } = survivor.endpoint;
  const streams =
    state.receiver?.status === 'streaming' && state.receiver.host === host && state.receiver.port === port;
  return streams && state.primaryConninfo === standbyConninfo(context, survivor);
}

async function repoint(context: ProcedureContext, survivor: Survivor): Promise<void> {
  // By ALTER SYSTEM, which writes the file too: it comes before our own edit of it.
  await pinServer(context, 'standby');
  await writeReceiverPassword(context);
  await pointAt(context, survivor);
  await reloadPostgres(context.cluster.postgres.dataDirectory);
}

async function proven(
  context: ProcedureContext,
  survivor: Survivor,
  step: RunStep,
  already: boolean,
): Promise<RunningOutcome> {
  try {
    await step('verify', () => verifyFollowing(context, survivor));
    return { kind: 'following', how: already ? 'already' : 'reload' };
  } catch (error) {
    if (!(error instanceof PrimacyError) || error.code !== 'postcondition-missing') throw error;
    return { kind: 'join-needed', reason: error.message };
  }
}
