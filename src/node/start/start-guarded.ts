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
import { askForOverride, untilPromoted, whatTheAgentDoes } from './force-primary.ts';
import { joinAsStandby } from './join.ts';
import { orderOfJoin } from './join-order.ts';
import type { JoinOutcome, JoinPolicy } from './joining.ts';
import { setMarker } from './lease-lost.ts';
import { lookBeforeStart } from './look-before-start.ts';
import { underNodeLock } from './node-lock.ts';
import { exitOfJoin } from './start-exit.ts';
import { startAsStandby } from './start-standby.ts';

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
/** Whether a server runs is clear a moment after it began or ended; what stays unclear is reported. */
const UNCLEAR_LIMIT_MILLIS = 5_000;

/**
 * Takes the node lock for what it changes, and waits for another procedure at most `startSeconds`: what that one did is looked at then. A
 * server that is unclear is looked at again for a moment.
 * Never rejects for what can happen at a start: the report says it.
 */
export async function startGuarded(context: ProcedureContext, options: StartOptions): Promise<StartReport> {
  const { clock, cluster } = context;
  const start = clock.monotonicMillis();
  const done = await pollUntil(clock, cluster.timings.startSeconds * 1_000, LOCK_POLL_MILLIS, async () => {
    const report = await attempt(context, options);
    if (report !== 'locked') {
      if (!isMoment(report, clock.monotonicMillis() - start, cluster.timings.startSeconds)) return report;
      options.progress('PostgreSQL here is just coming up or going down, looking at it again');
      return undefined;
    }
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

/** Long before the whole limit, which would say that another procedure was in the way. */
function isMoment({ code }: Ended, elapsedMillis: number, startSeconds: number): boolean {
  return code === 'server-unclear' && elapsedMillis < Math.min(UNCLEAR_LIMIT_MILLIS, startSeconds * 500);
}

async function attempt(context: ProcedureContext, options: StartOptions): Promise<Ended | 'locked'> {
  const step = stepsOf(context, 'start', await orderOfJoin(context));
  options.progress('looking at this node and asking the voters');
  const decision = decideStart(await lookBeforeStart(context, step, options.force));
  try {
    return ended(context, decision, options, await act(context, decision, options, step));
  } catch (error) {
    if (error instanceof PrimacyError && error.code === 'locked') return 'locked';
    return ended(context, decision, options, { exitCode: 20, what: errorText(error), join: null });
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
    case 'start-and-promote':
      options.progress('starting as a standby, to be promoted by the agent under its lease');
      await started(context, step, true);
      return promoted(context, decision, options);
    case 'force-running':
      return promoted(context, decision, options);
  }
}

/** By the agent: of a server that is forced it is asked to overrule the voters first. */
async function promoted(
  context: ProcedureContext,
  { action, reason }: StartDecision,
  { force, progress }: StartOptions,
): Promise<Acted> {
  const forced = action.kind === 'force-running' || (action.kind === 'start-and-promote' && action.forced);
  let until = '';
  if (forced && force !== null) {
    progress('asking the agent to overrule the voters');
    const answer = await askForOverride(context, force);
    const exitCode = action.kind === 'force-running' ? 10 : 20;
    if (!answer.accepted) return { exitCode, what: `its agent refuses: ${answer.reason}`, join: null };
    until = `; the override ends when a majority of the voters stands by it, or at ${answer.until ?? ''}`;
  }
  progress('waiting for the agent to promote it');
  if (await untilPromoted(context)) return { exitCode: 0, what: `primary: ${reason}${until}`, join: null };
  const instead = await whatTheAgentDoes(context);
  const what = `it runs as a standby, but the agent did not promote it (${instead})${until}`;
  return { exitCode: 20, what, join: null };
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

/** U15 is judged by what came of it. */
function ended(
  context: ProcedureContext,
  decision: StartDecision,
  { force }: StartOptions,
  { exitCode, what, join }: Acted,
): Ended {
  const { code, reason, action } = decision;
  const { name } = context.node;
  const text = what ?? reason;
  const changed = action.kind !== 'report' && action.kind !== 'refuse';
  const verified: StartCheck['state'] = exitCode === 0 || exitCode === 14 ? 'pass' : 'fail';
  const checks = decision.checks.map((check) =>
    check.id === 'U15' && changed ? { ...check, state: verified, reason: text } : check,
  );
  const failed =
    action.kind === 'refuse' || exitCode === 20 || (action.kind === 'force-running' && exitCode !== 0);
  const cannot = force === null ? `cannot start PostgreSQL on ${name}` : `cannot make ${name} primary`;
  return { code, exitCode, sentence: `${failed ? cannot : name}: ${text}`, checks, join };
}
