/** What a plan is: concrete ordered steps for named nodes, or a refusal that says why there is none. */
import type { FindingKind } from '../diagnose/finding.ts';
import type { ClusterName, NodeName } from '../model/names.ts';

export const STEP_KINDS = ['release-vip', 'fence', 'account', 'rejoin', 'verify'] as const;
export type StepKind = (typeof STEP_KINDS)[number];

/** `survivor` is the primary that the node is measured against and will follow. */
export type Step =
  | { readonly kind: 'release-vip'; readonly node: NodeName; readonly reason: string }
  | { readonly kind: 'fence'; readonly node: NodeName; readonly reason: string }
  | { readonly kind: 'account'; readonly node: NodeName; readonly survivor: NodeName }
  | { readonly kind: 'rejoin'; readonly node: NodeName; readonly survivor: NodeName }
  | { readonly kind: 'verify'; readonly node: NodeName; readonly survivor: NodeName };

export const PLAYBOOKS = [
  'fence-interrupted',
  'dual-primary',
  'primary-without-lease',
  'vip-on-non-primary',
  'fenced-may-rejoin',
] as const;
/** Each is named after the finding it cures. */
export type Playbook = (typeof PLAYBOOKS)[number] & FindingKind;

export interface Plan {
  readonly kind: 'plan';
  readonly cluster: ClusterName;
  readonly playbook: Playbook;
  /** The node that is acted on. */
  readonly node: NodeName;
  readonly steps: readonly Step[];
  /** Why this node and these steps, one sentence each, without full stop. */
  readonly because: readonly string[];
}

export const REFUSAL_CODES = [
  'not-all-seen',
  'survivor-ambiguous',
  'foreign-system',
  'fenced-by-operator',
  'no-single-primary',
  'holds-lease',
  'agent-at-work',
  'role-starting',
  /** People are at work: nothing is joined before their pause ends. */
  'paused',
  'no-playbook',
] as const;
export type RefusalCode = (typeof REFUSAL_CODES)[number];

export interface Refusal {
  readonly kind: 'refusal';
  readonly cluster: ClusterName;
  readonly code: RefusalCode;
  readonly finding: FindingKind;
  /** One sentence for people, without full stop. */
  readonly reason: string;
}

export interface NothingToDo {
  readonly kind: 'nothing-to-do';
  readonly cluster: ClusterName;
}

export type Decision = Plan | Refusal | NothingToDo;

/** A short line for people: `fence pg2`, `rejoin pg2 to pg1`. */
export function describeStep(step: Step): string {
  switch (step.kind) {
    case 'release-vip':
      return `take the VIP from ${step.node}`;
    case 'fence':
      return `fence ${step.node}`;
    case 'account':
      return `count and keep what ${step.node} has and ${step.survivor} has not`;
    case 'rejoin':
      return `rejoin ${step.node} as a standby of ${step.survivor}`;
    case 'verify':
      return `verify that ${step.survivor} is the only primary and ${step.node} follows it`;
  }
}
