/** What the journal says: one entry per thing that was heard, meant, done or seen, in the words that pages, commands and tests share. */
import type { StepKind } from '../../core/plan/plan.ts';
import type { EpochMillis } from '../../core/model/names.ts';

/** Entries that do not belong to a remediation. */
export const CLUSTER_EVENTS = [
  'notification-received',
  'notification-acknowledged',
  'alert-of-unknown-cluster',
  'plan-observed',
  'plan-refused',
  'look-again-ended',
] as const;

/** Entries of one remediation; `journal-rules.ts` says which may follow which. */
export const REMEDIATION_EVENTS = [
  'remediation-started',
  'remediation-resumed',
  'step-intent',
  'step-done',
  'step-failed',
  'step-unknown',
  'remediation-waiting',
  'remediation-ended',
  'remediation-stuck',
] as const;

export type ClusterEvent = (typeof CLUSTER_EVENTS)[number];
export type RemediationEvent = (typeof REMEDIATION_EVENTS)[number];

export interface JournalEntry {
  readonly at: EpochMillis;
  readonly cluster: string | null;
  readonly remediation: string | null;
  readonly node: string | null;
  readonly event: ClusterEvent | RemediationEvent;
  readonly step: StepKind | null;
  /** Text or a JSON object. */
  readonly detail: unknown;
}
