/** The documents behind `status`, `diagnose`, `plan` and `journal`: read here, shown by commands and pages. */
import { diagnose } from '../../core/diagnose/diagnose.ts';
import type { Finding } from '../../core/diagnose/finding.ts';
import { makePlan } from '../../core/plan/make-plan.ts';
import { describeStep, type Decision } from '../../core/plan/plan.ts';
import type { ClusterContext } from '../execute/context.ts';
import { firingAlerts } from '../store/alerts.ts';
import { readJournal } from '../store/journal.ts';
import { latestRemediation, planDigest } from '../store/remediations.ts';
import type { Store } from '../store/store.ts';
import { clusterName } from '../execute/context.ts';
import { rfc3339 } from './moment.ts';
import { statusOf, type ClusterStatus } from './status.ts';

/** A look that is shown may be this old, so that many readers cost one look. */
const SHOWN_LOOK_AGE_MAX_MS = 1_000;

export interface DiagnosisDocument {
  readonly cluster: string;
  readonly at: string;
  readonly findings: readonly Finding[];
}

export interface PlanDocument {
  readonly cluster: string;
  readonly at: string;
  readonly policy: string;
  readonly decision: Decision;
  /** Of a plan, else null: what an approval is bound to. */
  readonly digest: string | null;
  /** The steps in words; empty where there is no plan. */
  readonly steps: readonly string[];
}

export interface JournalDocument {
  readonly entries: readonly {
    readonly at: string;
    readonly cluster: string | null;
    readonly remediation: string | null;
    readonly node: string | null;
    readonly event: string;
    readonly step: string | null;
    readonly detail: unknown;
  }[];
}

/** The cluster as a look of this moment shows it. */
export async function readStatus(context: ClusterContext): Promise<ClusterStatus> {
  const { snapshot, findings } = await look(context);
  const [alerts, remediation] = [
    await firingAlerts(context.store, context.cluster.name),
    await latestRemediation(context.store, clusterName(context)),
  ];
  const { vip, nodes } = context.cluster;
  return statusOf({ vip, policy: context.policy, nodes, snapshot, findings, alerts, remediation });
}

export async function readDiagnosis(context: ClusterContext): Promise<DiagnosisDocument> {
  const { snapshot, findings } = await look(context);
  return { cluster: snapshot.cluster, at: rfc3339(snapshot.at), findings };
}

/** What would be done now: the dry run. Nothing is journaled and nothing is asked of a node but a look. */
export async function readPlan(context: ClusterContext): Promise<PlanDocument> {
  const { snapshot, findings } = await look(context);
  const decision = makePlan(snapshot, findings);
  const isPlan = decision.kind === 'plan';
  return {
    cluster: snapshot.cluster,
    at: rfc3339(snapshot.at),
    policy: context.policy,
    decision,
    digest: isPlan ? planDigest(decision) : null,
    steps: isPlan ? decision.steps.map(describeStep) : [],
  };
}

/** The newest entries, oldest first; of all clusters where `cluster` is null. */
export async function readJournalDocument(
  store: Store,
  cluster: string | null,
  limit: number,
): Promise<JournalDocument> {
  const entries = await readJournal(store, cluster, limit);
  return { entries: entries.map((entry) => ({ ...entry, at: rfc3339(entry.at) })) };
}

async function look(context: ClusterContext): Promise<{
  readonly snapshot: Parameters<typeof diagnose>[0];
  readonly findings: readonly Finding[];
}> {
  const oldest = context.clock.monotonicMillis() - SHOWN_LOOK_AGE_MAX_MS;
  const { snapshot } = await context.lookout.lookSince(oldest);
  return { snapshot, findings: diagnose(snapshot) };
}
