/** Runs a remediation's steps in order, from the first that its journal does not show as done. */
import type { DivergenceAccount } from '../../core/model/account.ts';
import type { Step } from '../../core/plan/plan.ts';
import { entriesOf } from '../store/journal.ts';
import type { JournalEntry } from '../store/journal-entry.ts';
import { closeRemediation } from './close-remediation.ts';
import type { Remediation } from '../store/remediations.ts';
import type { RemediationState } from '../store/tables.ts';
import { accountIn } from './ask-for-step.ts';
import type { ClusterContext } from './context.ts';
import type { Look } from './lookout.ts';
import { runStep } from './run-step.ts';

export interface RemediationOutcome {
  readonly state: Exclude<RemediationState, 'running' | 'superseded'>;
  readonly why: string | null;
}

/** `firstEvidence` is the look that the plan rests on, null = look anew. Runs to an end or to where a person is wanted. Also takes up a remediation that an earlier process left. */
export async function runRemediation(
  context: ClusterContext,
  remediation: Remediation,
  firstEvidence: Look | null,
): Promise<RemediationOutcome> {
  const entries = await entriesOf(context.store, remediation.id);
  const rest = remediation.plan.steps.filter((step) => !isDone(entries, step));
  let account = accountIn(entries);
  let evidence = firstEvidence;
  for (const step of rest) {
    if (step.kind === 'rejoin' && waitsForApproval(context, account)) {
      const why = `${account?.clientTransactions ?? 'an unknown number of'} client transactions of ${step.node} are not on ${step.survivor}`;
      return await end(context, remediation, 'waiting-for-approval', why);
    }
    const intentOpen = hasOpenIntent(entries, step);
    const outcome = await runStep({ context, remediation, step, account, evidence, intentOpen });
    if (outcome.kind !== 'done') return await end(context, remediation, outcome.kind, outcome.why);
    account = outcome.account;
    ({ evidence } = outcome);
  }
  return await end(context, remediation, 'done', null);
}

function isDone(entries: readonly JournalEntry[], step: Step): boolean {
  return entries.some((it) => it.event === 'step-done' && it.step === step.kind && it.node === step.node);
}

/** Meant by an earlier process, and neither done nor known to have failed. */
function hasOpenIntent(entries: readonly JournalEntry[], step: Step): boolean {
  const last = entries.findLast((it) => it.step === step.kind && it.node === step.node);
  return last?.event === 'step-intent' || last?.event === 'step-unknown';
}

/** Rewinding what clients were promised is a person's decision, unless the policy says otherwise; an unknown loss counts as one. */
function waitsForApproval(context: ClusterContext, account: DivergenceAccount | null): boolean {
  return context.policy !== 'auto' && account?.clientTransactions !== 0;
}

async function end(
  context: ClusterContext,
  remediation: Remediation,
  state: RemediationOutcome['state'],
  why: string | null,
): Promise<RemediationOutcome> {
  const event = {
    done: 'remediation-ended',
    failed: 'remediation-ended',
    stuck: 'remediation-stuck',
    'waiting-for-approval': 'remediation-waiting',
  } as const;
  await closeRemediation(context, remediation, event[state], state, why);
  context.log.info({ remediation: remediation.id, state, why }, 'remediation ended or waits');
  return { state, why };
}
