/** Turns a step into the one request that a node understands, and asks for it with a limit of time. */
import { accountSchema, type NodeVerb } from '../../world/remote/protocol.ts';
import type { Timings } from '../../config/schema.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import type { Step } from '../../core/plan/plan.ts';
import type { Answer, NodeLink } from '../../world/remote/node-link.ts';
import type { JournalEntry } from '../store/journal-entry.ts';
import type { Remediation } from '../store/remediations.ts';

/** On top of what a procedure may take on the node: process start, connection, a busy host. */
const MARGIN_SECONDS = 10;

/** A step that a node carries out; `verify` is a look and nothing else. */
export type ActingStep = Exclude<Step, { readonly kind: 'verify' }>;

/** Asks. `account` is the one of this remediation; a rejoin without it is refused here. */
export function askForStep(
  link: NodeLink,
  timings: Timings,
  remediation: Remediation,
  step: ActingStep,
  account: DivergenceAccount | null,
): Promise<Answer<NodeVerb>> {
  const order = { remediation: remediation.id, fenceNumber: remediation.fenceNumber };
  const timeoutMs = limitSeconds(step, timings) * 1000;
  switch (step.kind) {
    case 'release-vip':
      return link.ask(step.node, { verb: 'release-vip', reason: step.reason, ...order }, timeoutMs);
    case 'fence':
      return link.ask(step.node, { verb: 'fence', reason: step.reason, ...order }, timeoutMs);
    case 'account':
      return link.ask(step.node, { verb: 'account', survivor: step.survivor, ...order }, timeoutMs);
    case 'rejoin':
      if (account === null)
        return Promise.resolve({
          kind: 'failed',
          code: 'refused',
          message: 'there is no account to rejoin on',
        });
      return link.ask(
        step.node,
        { verb: 'rejoin', survivor: step.survivor, accountDigest: account.digest, ...order },
        timeoutMs,
      );
  }
}

/** How long the step may take, from the request to its reply. */
export function limitSeconds(step: ActingStep, timings: Timings): number {
  switch (step.kind) {
    case 'release-vip':
      return timings.vipReleaseSeconds + MARGIN_SECONDS;
    case 'fence':
      return (
        timings.vipReleaseSeconds +
        timings.stopFastSeconds +
        timings.stopImmediateSeconds +
        timings.stopKillSeconds +
        MARGIN_SECONDS
      );
    case 'account':
      return timings.accountSeconds + MARGIN_SECONDS;
    case 'rejoin':
      return (
        timings.rewindSeconds +
        timings.basebackupSeconds +
        timings.startSeconds * 2 +
        timings.streamingSeconds +
        timings.markerRowSeconds +
        MARGIN_SECONDS
      );
  }
}

/** The account that this remediation's journal holds, or null: a restarted responder finds it there. */
export function accountIn(entries: readonly JournalEntry[]): DivergenceAccount | null {
  const entry = entries.findLast((it) => it.event === 'step-done' && it.step === 'account');
  const parsed = accountSchema.safeParse(entry?.detail);
  return parsed.success ? parsed.data : null;
}
