/** Makes this node a verified standby of the lease's holder, by the least that is needed, and never without an account of what it discards. */
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import type { NodeName } from '../../core/model/names.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { clearRejoinFailure } from '../../world/files/rejoin-failure.ts';
import { processesOf } from '../../world/postgres/processes.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { isHalfMade, readManifest, readMarker } from '../procedures/preconditions.ts';
import { secondsSince, stepsOf } from '../procedures/run-step.ts';
import { followRunning } from './follow-running.ts';
import { discardAndRejoin, resumeRejoin } from './join-with-account.ts';
import { isOwnJoin, orderOfJoin } from './join-order.ts';
import type { JoinEnd, Joining, JoinOutcome, JoinPolicy } from './joining.ts';
import { clearLeaseLost } from './lease-lost.ts';
import { underNodeLock } from './node-lock.ts';
import { startFitting } from './start-fitting.ts';
import { takeVipAwayUnlessGone } from './vip-gone.ts';
import { withHolder } from './with-holder.ts';

export interface JoinOptions {
  readonly policy: JoinPolicy;
}

/**
 * Takes the node lock itself; a data directory lock of `proveDeath` has been released. Whatever state the server is in: a running standby
 * is pointed at the holder where its history allows, anything else is stopped, counted, made right, started and verified by a row. The
 * marker `lease-lost` is lifted at the end. Ends with an outcome; throws PrimacyError where a step's end could not be seen: the caller
 * may call it again, and it goes on from there.
 */
export async function joinAsStandby(
  context: ProcedureContext,
  holder: NodeName,
  { policy }: JoinOptions,
): Promise<JoinOutcome> {
  const start = context.clock.monotonicMillis();
  const end = await joinUnderLock(context, holder, policy);
  return { ...end, seconds: secondsSince(context, start) };
}

async function joinUnderLock(
  context: ProcedureContext,
  holder: NodeName,
  policy: JoinPolicy,
): Promise<JoinEnd> {
  if (policy === 'observe') return refused('policy-observes', 'responder.policy is observe');
  try {
    return await underNodeLock(context, 'join', async (locked) => {
      const order = await orderOfJoin(locked);
      return joinLocked({ context: locked, holder, order, policy, step: stepsOf(locked, 'join', order) });
    });
  } catch (error) {
    if (error instanceof PrimacyError && error.code === 'locked') return refused('locked', error.message);
    throw error;
  }
}

async function joinLocked(joining: Joining): Promise<JoinEnd> {
  const { context, holder, step } = joining;
  const marker = await readMarker(context);
  if (marker !== null && marker.reason !== LEASE_LOST)
    return refused('fenced', `the fence marker stands: ${marker.reason}`);
  const manifest = await readManifest(context);
  if (manifest !== null && isHalfMade(manifest)) {
    if (isOwnJoin(manifest.remediation)) return resumeRejoin(joining, manifest);
    return refused('rejoin-interrupted', `a rejoin of ${manifest.remediation} stands at ${manifest.phase}`);
  }
  const vip = await takeVipAwayUnlessGone(context, step);
  if (vip !== null) return refused('vip-here', vip);
  const outcome = await withHolder(context, holder, async (survivor) => {
    const isUp = (await processesOf(context.cluster.postgres.dataDirectory)).length > 0;
    return isUp
      ? followRunning(context, survivor, step).catch(notAnswering)
      : startFitting(context, survivor, step);
  });
  if (outcome.kind === 'not-writable') return refused('holder-not-writable', outcome.reason);
  const quick = outcome.value;
  if (quick.kind === 'not-yet') return refused('replaying', quick.reason);
  if (quick.kind === 'join-needed') return discardAndRejoin(joining);
  await clearLeaseLost(context, step);
  // An earlier attempt may have failed: this one did not.
  await clearRejoinFailure(context.paths.rejoinFailure);
  return { kind: 'following', how: quick.how, account: null };
}

/** A server that runs and gives no answer is not a standby that could follow: it is stopped and counted. */
function notAnswering(error: unknown): { readonly kind: 'join-needed'; readonly reason: string } {
  if (error instanceof PrimacyError && error.code === 'unreachable')
    return { kind: 'join-needed', reason: error.message };
  throw error;
}

function refused(code: Extract<JoinEnd, { kind: 'refused' }>['code'], reason: string): JoinEnd {
  return { kind: 'refused', code, reason, account: null };
}
