/** Which entry of a remediation may follow which: an intent is followed by its outcome, and nothing follows the end. */
import type { StepKind } from '../../core/plan/plan.ts';
import type { RemediationEvent } from './journal-entry.ts';

export interface Happening {
  readonly event: RemediationEvent;
  readonly step: StepKind | null;
}

const AFTER: Readonly<Record<RemediationEvent | 'nothing', readonly RemediationEvent[]>> = {
  nothing: ['remediation-started'],
  'remediation-started': ['step-intent', 'remediation-resumed', 'remediation-ended', 'remediation-stuck'],
  'remediation-resumed': [
    'remediation-resumed',
    'step-intent',
    'remediation-waiting',
    'remediation-ended',
    'remediation-stuck',
  ],
  // A restarted responder finds the intent without outcome, and resumes.
  'step-intent': ['step-done', 'step-failed', 'step-unknown', 'remediation-resumed', 'remediation-ended'],
  'step-done': [
    'step-intent',
    'remediation-resumed',
    'remediation-waiting',
    'remediation-ended',
    'remediation-stuck',
  ],
  'step-failed': ['remediation-resumed', 'remediation-ended', 'remediation-stuck'],
  // Looked at again: it turns out done, or it is asked for again with the same number, or it is planned anew, or it goes to a person.
  'step-unknown': [
    'step-done',
    'step-intent',
    'remediation-resumed',
    'remediation-ended',
    'remediation-stuck',
  ],
  'remediation-waiting': ['remediation-resumed', 'remediation-ended'],
  'remediation-ended': [],
  'remediation-stuck': [],
};

/** Why `next` may not follow `last` (null = no entry yet), or null where it may. */
export function illegalTransition(last: Happening | null, next: Happening): string | null {
  const from = last?.event ?? 'nothing';
  if (!AFTER[from].includes(next.event)) return `${next.event} may not follow ${from}`;
  const outcome = next.event === 'step-done' || next.event === 'step-failed' || next.event === 'step-unknown';
  if (outcome && last?.step !== next.step)
    return `${next.event} of ${next.step} may not follow ${from} of ${last?.step ?? 'nothing'}`;
  return null;
}
