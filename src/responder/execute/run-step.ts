/** One step: look, check its precondition, journal the intent, act, look, verify, journal the outcome. */
import type { DivergenceAccount } from '../../core/model/account.ts';
import type { NodeVerb } from '../../world/remote/protocol.ts';
import type { Answer } from '../../world/remote/node-link.ts';
import type { Snapshot } from '../../core/model/observation.ts';
import { describeStep, type Step } from '../../core/plan/plan.ts';
import { postcondition, precondition, type Verdict } from '../../core/plan/step-conditions.ts';
import type { JournalEntry } from '../store/journal-entry.ts';
import type { Remediation } from '../store/remediations.ts';
import { askForStep, limitSeconds, type ActingStep } from './ask-for-step.ts';
import { note, type ClusterContext } from './context.ts';
import type { Look } from './lookout.ts';

/** How often a step is asked for whose reply was lost or that did not reach its node. */
export const ASKS_MAX = 5;
const ASK_AGAIN_AFTER_MS = 500;
/** A node that is busy with another procedure is asked again this often, until the step's own limit. */
const LOCKED_INTERVAL_MS = 1_000;
/** How long the effect of a step that the node called done may take to be seen. */
const EFFECT_LIMIT_MS = 30_000;
const EFFECT_INTERVAL_MS = 250;
/** The request was certainly not carried out, and the same may succeed a moment later. */
const PASSING_CODES: readonly string[] = ['unreachable', 'timeout'];

export type StepOutcome =
  | {
      readonly kind: 'done';
      readonly account: DivergenceAccount | null;
      /** The look that proved it: the next step may rest on it while it is fresh. */
      readonly evidence: Look | null;
    }
  /** Not done, and safe to plan anew from a fresh look. */
  | { readonly kind: 'failed'; readonly why: string }
  /** It may have acted, the node was looked at, and shows neither the state before nor the state after: a person is wanted. */
  | { readonly kind: 'stuck'; readonly why: string };

export interface StepRun {
  readonly context: ClusterContext;
  readonly remediation: Remediation;
  readonly step: Step;
  /** The account of this remediation, null before there is one. */
  readonly account: DivergenceAccount | null;
  /** The look that the plan or the step before rests on; null = look anew. Used only while it is fresh. */
  readonly evidence: Look | null;
  /** An earlier process meant to do this step, and its outcome was not written down. */
  readonly intentOpen: boolean;
}

/** Runs the step. Everything it does is idempotent on the node, so it is also how an interrupted step is taken up again. */
export async function runStep(run: StepRun): Promise<StepOutcome> {
  const { step } = run;
  if (step.kind === 'verify') return verify(run);
  const look = await lookFresh(run);
  const seen = look.snapshot;
  switch (standing(step, seen)) {
    case 'after':
      await journal(run, 'step-intent', describeStep(step));
      await journal(run, 'step-done', 'seen done already, nothing was asked for');
      return { kind: 'done', account: run.account, evidence: look };
    case 'before':
      return await askUntilDone(run, step, look);
    case 'unseen':
      return failed(step, precondition(step, seen));
    case 'neither':
      return run.intentOpen ? stuck(step, precondition(step, seen)) : failed(step, precondition(step, seen));
  }
}

/** Where the node stands towards the step: `neither` before it nor after it, or not seen at all. */
function standing(step: Step, seen: Snapshot): 'before' | 'after' | 'neither' | 'unseen' {
  if (step.kind !== 'account' && postcondition(step, seen).kind === 'holds') return 'after';
  if (precondition(step, seen).kind === 'holds') return 'before';
  return seen.nodes.get(step.node)?.kind === 'known' ? 'neither' : 'unseen';
}

/** After a reply that was lost: look; done if the effect is seen, asked again (same number) if the node stands where it stood. */
async function askUntilDone(run: StepRun, step: ActingStep, before: Look): Promise<StepOutcome> {
  const { clock } = run.context;
  for (let attempt = 1; ; attempt += 1) {
    await journal(run, 'step-intent', describeStep(step));
    const answer = await ask(run, step, before);
    if (answer.kind === 'seen-done') {
      await journal(run, 'step-done', 'seen done by somebody else while the node was busy');
      return { kind: 'done', account: run.account, evidence: answer.look };
    }
    if (answer.kind === 'done') return await confirm(run, step, answer, before);
    const why = answer.kind === 'failed' ? answer.message : answer.reason;
    if (answer.kind === 'failed' && !PASSING_CODES.includes(answer.code)) {
      await journal(run, 'step-failed', why);
      return failed(step, { kind: 'fails', reason: why });
    }
    await journal(run, 'step-unknown', why);
    if (attempt >= ASKS_MAX) return failed(step, { kind: 'fails', reason: `outcome not known: ${why}` });
    await clock.wait(ASK_AGAIN_AFTER_MS * 2 ** (attempt - 1));
    const look = await run.context.lookout.lookSince(clock.monotonicMillis());
    const now = standing(step, look.snapshot);
    if (now === 'neither') return stuck(step, precondition(step, look.snapshot));
    if (now !== 'after') continue;
    await journal(run, 'step-done', 'the reply was lost, the effect is seen');
    return { kind: 'done', account: run.account, evidence: look };
  }
}

/** An answer is a hint: what counts is the effect in a look that began after it. */
async function confirm(
  run: StepRun,
  step: ActingStep,
  answer: Extract<Answer<NodeVerb>, { readonly kind: 'done' }>,
  before: Look,
): Promise<StepOutcome> {
  if (step.kind === 'account') {
    // Its effect is its reply: it changes nothing that a look could show.
    await journal(run, 'step-done', answer.result);
    return { kind: 'done', account: answer.result as DivergenceAccount, evidence: before };
  }
  const { lookout, clock } = run.context;
  const { verdict, look } = await seeEffect(run, async () =>
    // Fence and release concern one node alone, and the first has to be fast; a rejoin is judged against the others too.
    step.kind === 'rejoin'
      ? await lookout.lookSince(clock.monotonicMillis())
      : await lookout.lookAt(before, step.node),
  );
  if (verdict.kind === 'holds') {
    await journal(run, 'step-done', answer.result);
    return { kind: 'done', account: run.account, evidence: look };
  }
  await journal(run, 'step-unknown', `the node says done, but ${verdict.reason}`);
  return look.snapshot.nodes.get(step.node)?.kind === 'known' ? stuck(step, verdict) : failed(step, verdict);
}

async function verify(run: StepRun): Promise<StepOutcome> {
  const { lookout, clock } = run.context;
  await journal(run, 'step-intent', describeStep(run.step));
  // The look that proved the rejoin was a whole round: if it shows the cluster well, no other is needed.
  let next: () => Promise<Look> = () => lookFresh(run);
  const { verdict, look } = await seeEffect(run, async () => {
    const seen = await next();
    next = () => lookout.lookSince(clock.monotonicMillis());
    return seen;
  });
  if (verdict.kind === 'fails') {
    await journal(run, 'step-failed', verdict.reason);
    return failed(run.step, verdict);
  }
  await journal(run, 'step-done', 'one primary with the VIP, the node follows it');
  return { kind: 'done', account: run.account, evidence: look };
}

/** Looks until the effect is seen or the limit passed. */
async function seeEffect(
  run: StepRun,
  lookOnce: () => Promise<Look>,
): Promise<{ readonly verdict: Verdict; readonly look: Look }> {
  const { clock } = run.context;
  const end = clock.monotonicMillis() + EFFECT_LIMIT_MS;
  for (;;) {
    const look = await lookOnce();
    const verdict = postcondition(run.step, look.snapshot);
    const left = end - clock.monotonicMillis();
    if (verdict.kind === 'holds' || left <= 0) return { verdict, look };
    await clock.wait(Math.min(EFFECT_INTERVAL_MS, left));
  }
}

/** What a precondition rests on: the evidence at hand, or a new look where that is older than `evidenceMaxAgeSeconds`. */
async function lookFresh(run: StepRun): Promise<Look> {
  const { clock, lookout, cluster } = run.context;
  const now = clock.monotonicMillis();
  const oldest = now - cluster.timings.evidenceMaxAgeSeconds * 1000;
  return run.evidence !== null && run.evidence.beganAt >= oldest
    ? run.evidence
    : await lookout.lookSince(now);
}

/**
 * Asks, and asks again while the node is busy with a procedure that an earlier request of ours may have begun, or its own agent. What
 * the agent did meanwhile may have made the step wrong, so each time the node is looked at first. A rejoin is bound to its account and
 * is judged by the node.
 */
async function ask(
  run: StepRun,
  step: ActingStep,
  before: Look,
): Promise<Answer<NodeVerb> | { readonly kind: 'seen-done'; readonly look: Look }> {
  const { clock, link, log, cluster, lookout } = run.context;
  const end = clock.monotonicMillis() + limitSeconds(step, cluster.timings) * 1000;
  for (;;) {
    const answer = await askForStep(link, cluster.timings, run.remediation, step, run.account);
    log.info({ step: step.kind, node: step.node, answer: answer.kind }, 'node answered');
    const locked = answer.kind === 'failed' && answer.code === 'locked';
    if (!locked || clock.monotonicMillis() >= end) return answer;
    await clock.wait(LOCKED_INTERVAL_MS);
    if (step.kind === 'rejoin') continue;
    const look = await lookout.lookAt(before, step.node);
    const now = standing(step, look.snapshot);
    if (now === 'after') return { kind: 'seen-done', look };
    const verdict = precondition(step, look.snapshot);
    if (now === 'neither' && verdict.kind === 'fails')
      return { kind: 'failed', code: 'refused', message: `while it was busy: ${verdict.reason}` };
  }
}

function failed(step: Step, verdict: Verdict): StepOutcome {
  return { kind: 'failed', why: whyOf(step, verdict) };
}

function stuck(step: Step, verdict: Verdict): StepOutcome {
  return { kind: 'stuck', why: whyOf(step, verdict) };
}

function whyOf(step: Step, verdict: Verdict): string {
  return `cannot ${describeStep(step)}: ${verdict.kind === 'fails' ? verdict.reason : 'no reason known'}`;
}

async function journal(run: StepRun, event: JournalEntry['event'], detail: unknown): Promise<void> {
  const { remediation, step } = run;
  await note(run.context, {
    remediation: remediation.id,
    node: step.node,
    event,
    step: step.kind,
    detail,
  });
}
