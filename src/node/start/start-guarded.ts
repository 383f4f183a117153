/** The guarded start of this node's server, for people, systemd and remediation: look, decide, start as a standby, verify. */
import { decideStart, type StartDecision } from '../../core/guard/decide-start.ts';
import type { StartCheck } from '../../core/guard/start-checks.ts';
import type { ForceAtStart } from '../../core/guard/start-snapshot.ts';
import { isPlannedStop } from '../../core/guard/stop-markers.ts';
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import { pollUntil } from '../../world/clock.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { readMarker, refuseHalfMadeData } from '../procedures/preconditions.ts';
import { secondsSince, stepsOf, type RunStep } from '../procedures/run-step.ts';
import { sessionTo } from '../procedures/survivor-session.ts';
import { joinAsStandby } from './join.ts';
import { orderOfJoin } from './join-order.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';
import { setMarker } from './lease-lost.ts';
import { lookBeforeStart } from './look-before-start.ts';
import { underNodeLock } from './node-lock.ts';
import { exitOfJoin } from './start-exit.ts';
import { isInRecovery, startAsStandby } from './start-standby.ts';

export type StartExit = StartDecision['exitCode'];

export interface StartOptions {
  readonly policy: JoinPolicy;
  readonly force: ForceAtStart | null;
  /** Told what takes time, as a sentence without full stop. */
  readonly progress: (sentence: string) => void;
}

export interface StartReport {
  readonly code: StartDecision['code'];
  readonly exitCode: StartExit;
  /** What came of it, one sentence without full stop. */
  readonly sentence: string;
  readonly checks: readonly StartCheck[];
  readonly join: JoinOutcome | null;
  readonly seconds: number;
}

const LOCK_POLL_MILLIS = 200;
const PROMOTION_POLL_MILLIS = 50;

/**
 * Takes the node lock for what it changes, and waits for another procedure at most `startSeconds`: what that one did is looked at then.
 * Never rejects for what can happen at a start: the report says it.
 */
export async function startGuarded(context: ProcedureContext, options: StartOptions): Promise<StartReport> {
  const { clock, cluster } = context;
  const start = clock.monotonicMillis();
  const done = await pollUntil(clock, cluster.timings.startSeconds * 1_000, LOCK_POLL_MILLIS, async () => {
    const report = await attempt(context, options);
    if (report !== 'locked') return report;
    options.progress('another procedure is under way on this node, waiting for it');
    return undefined;
  });
  const seconds = secondsSince(context, start);
  if (done !== undefined) return { ...done, seconds };
  return {
    code: 'server-unclear',
    exitCode: 10,
    sentence: `cannot start PostgreSQL on ${context.node.name}: another procedure is under way on this node`,
    checks: [],
    join: null,
    seconds,
  };
}

type Ended = Omit<StartReport, 'seconds'>;

async function attempt(context: ProcedureContext, options: StartOptions): Promise<Ended | 'locked'> {
  const step = stepsOf(context, 'start', await orderOfJoin(context));
  options.progress('looking at this node and asking the voters');
  const decision = decideStart(await lookBeforeStart(context, step, options.force));
  try {
    const { exitCode, what, join } = await act(context, decision, options, step);
    return ended(context, decision, exitCode, what, join);
  } catch (error) {
    if (error instanceof PrimacyError && error.code === 'locked') return 'locked';
    return ended(context, decision, 20, errorText(error), null);
  }
}

interface Acted {
  readonly exitCode: StartExit;
  /** Null where the decision's own reason says it. */
  readonly what: string | null;
  readonly join: JoinOutcome | null;
}

async function act(
  context: ProcedureContext,
  decision: StartDecision,
  options: StartOptions,
  step: RunStep,
): Promise<Acted> {
  const { action, exitCode, reason } = decision;
  switch (action.kind) {
    case 'report':
    case 'refuse':
      return { exitCode, what: null, join: null };
    case 'join':
      return joinHolder(context, action, options);
    case 'start-standby':
      options.progress('starting as a standby');
      await started(context, step, false);
      return { exitCode, what: `started as a standby: ${reason}`, join: null };
    case 'start-and-promote': {
      options.progress('starting as a standby, to be promoted by the agent under its lease');
      await started(context, step, true);
      options.progress('waiting for the agent to promote it');
      const promoted = await untilPromoted(context);
      return promoted
        ? { exitCode, what: `primary: ${reason}`, join: null }
        : { exitCode: 20, what: 'it runs as a standby, but the agent did not promote it', join: null };
    }
  }
}

function started(context: ProcedureContext, step: RunStep, asHolder: boolean): Promise<void> {
  return underNodeLock(context, 'start', async (locked) => {
    await refuseHalfMadeData(locked);
    await startAsStandby(locked, step, asHolder);
  });
}

/** With the policy `observe` a person's start still brings back what discards nothing. */
async function joinHolder(
  context: ProcedureContext,
  action: Extract<StartDecision['action'], { kind: 'join' }>,
  { policy, progress }: StartOptions,
): Promise<Acted> {
  if (policy === 'observe' && action.data !== 'fits')
    return {
      exitCode: 12,
      what: `it has WAL that ${action.holder} may not have, and responder.policy is observe: rejoin it`,
      join: null,
    };
  progress(`joining ${action.holder} as a standby`);
  await ownMarker(context);
  const outcome = await joinAsStandby(context, action.holder, {
    policy: policy === 'observe' ? 'approve' : policy,
  });
  if (outcome.kind === 'refused' && outcome.code === 'locked')
    throw new PrimacyError('locked', outcome.reason, { retryable: true });
  return { ...exitOfJoin(outcome, action.holder), join: outcome };
}

/** The marker of a planned stop becomes the one that a join lifts. */
async function ownMarker(context: ProcedureContext): Promise<void> {
  const marker = await readMarker(context);
  if (marker === null || !isPlannedStop(marker.reason)) return;
  await underNodeLock(context, 'start', async (locked) =>
    setMarker(locked, await orderOfJoin(locked), LEASE_LOST, 'fenced'),
  );
}

async function untilPromoted(context: ProcedureContext): Promise<boolean> {
  const { timings } = context.cluster;
  const session = sessionTo(context, context.local);
  const limitMs = (2 * timings.promotionWaitSeconds + timings.promoteSeconds) * 1_000;
  try {
    const promoted = await pollUntil(context.clock, limitMs, PROMOTION_POLL_MILLIS, async () => {
      const inRecovery = await isInRecovery(session, timings.sqlStatementSeconds * 1_000);
      return inRecovery === false ? true : undefined;
    });
    return promoted === true;
  } finally {
    await session.close();
  }
}

/** U15 is judged by what came of it. */
function ended(
  context: ProcedureContext,
  decision: StartDecision,
  exitCode: StartExit,
  what: string | null,
  joined: JoinOutcome | null,
): Ended {
  const { code, reason, action } = decision;
  const { name } = context.node;
  const text = what ?? reason;
  const changed = action.kind !== 'report' && action.kind !== 'refuse';
  const verified: StartCheck['state'] = exitCode === 0 || exitCode === 14 ? 'pass' : 'fail';
  const checks = decision.checks.map((check) =>
    check.id === 'U15' && changed ? { ...check, state: verified, reason: text } : check,
  );
  const sentence =
    action.kind === 'refuse' || exitCode === 20
      ? `cannot start PostgreSQL on ${name}: ${text}`
      : `${name}: ${text}`;
  return { code, exitCode, sentence, checks, join: joined };
}
