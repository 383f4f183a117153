/** Keeps remediations: the plan as it was decided, its number, and how it stands. */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type {
  ClusterName,
  EpochMillis,
  FenceNumber,
  NodeName,
  RemediationId,
} from '../../core/model/names.ts';
import type { Plan } from '../../core/plan/plan.ts';
import { appendEntry } from './journal.ts';
import type { RemediationState } from './tables.ts';
import type { Store } from './store.ts';

export interface Remediation {
  readonly id: RemediationId;
  readonly cluster: ClusterName;
  readonly node: NodeName;
  readonly fenceNumber: FenceNumber;
  readonly plan: Plan;
  readonly planDigest: string;
  readonly state: RemediationState;
  /** Why it ended or waits, else null. */
  readonly why: string | null;
  readonly startedAt: EpochMillis;
  readonly endedAt: EpochMillis | null;
}

/** sha256 of what the plan does to whom: steps and nodes, not the words of its evidence. */
export function planDigest(plan: Plan): string {
  const acts = { cluster: plan.cluster, playbook: plan.playbook, node: plan.node, steps: plan.steps };
  return createHash('sha256').update(JSON.stringify(acts)).digest('hex');
}

/**
 * The least number that may be handed out now. Nodes remember the greatest they obeyed: a responder whose store was lost must not
 * begin again at 1 and be refused, so numbers are never below the seconds since 1970. Within one store they grow by at least one.
 */
function leastFenceNumber(now: EpochMillis): number {
  return Math.floor(now / 1000);
}

/** Takes the next fence number, records the plan and its start, all in one transaction. */
export async function startRemediation(store: Store, plan: Plan, now: EpochMillis): Promise<Remediation> {
  const least = leastFenceNumber(now);
  return store.transaction().execute(async (transaction) => {
    const { number } = await transaction
      .insertInto('fence_number')
      .values({ cluster: plan.cluster, number: least })
      .onConflict((conflict) =>
        conflict
          .column('cluster')
          .doUpdateSet({ number: sql<number>`max(fence_number.number + 1, ${least})` }),
      )
      .returning('number')
      .executeTakeFirstOrThrow();
    const row = {
      id: randomUUID(),
      cluster: plan.cluster,
      node: plan.node,
      playbook: plan.playbook,
      fence_number: number,
      plan: JSON.stringify(plan),
      plan_digest: planDigest(plan),
      state: 'running',
      why: null,
      started_at: now,
      ended_at: null,
    } as const;
    await transaction.insertInto('remediation').values(row).execute();
    await appendEntry(transaction, {
      at: now,
      cluster: plan.cluster,
      remediation: row.id,
      node: plan.node,
      event: 'remediation-started',
      step: null,
      detail: {
        playbook: plan.playbook,
        fenceNumber: number,
        planDigest: row.plan_digest,
        steps: plan.steps,
        because: plan.because,
      },
    });
    return remediationOf(row);
  });
}

/** Writes how it stands now. `why` is kept for people. */
export async function setRemediationState(
  store: Store,
  id: RemediationId,
  state: RemediationState,
  why: string | null,
  now: EpochMillis,
): Promise<void> {
  const ended_at = state === 'running' || state === 'waiting-for-approval' ? null : now;
  await store.updateTable('remediation').set({ state, why, ended_at }).where('id', '=', id).execute();
}

/** Remediations in one of these states, oldest first. */
export async function remediationsIn(
  store: Store,
  cluster: ClusterName,
  states: readonly RemediationState[],
): Promise<readonly Remediation[]> {
  const rows = await store
    .selectFrom('remediation')
    .selectAll()
    .where('cluster', '=', cluster)
    .where('state', 'in', [...states])
    .orderBy('fence_number')
    .execute();
  return rows.map(remediationOf);
}

/** The newest remediation of the cluster, or null. */
export async function latestRemediation(store: Store, cluster: ClusterName): Promise<Remediation | null> {
  const row = await store
    .selectFrom('remediation')
    .selectAll()
    .where('cluster', '=', cluster)
    .orderBy('fence_number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined ? null : remediationOf(row);
}

function remediationOf(row: {
  readonly id: string;
  readonly cluster: string;
  readonly node: string;
  readonly fence_number: number;
  readonly plan: string;
  readonly plan_digest: string;
  readonly state: RemediationState;
  readonly why: string | null;
  readonly started_at: number;
  readonly ended_at: number | null;
}): Remediation {
  return {
    id: row.id as RemediationId,
    cluster: row.cluster as ClusterName,
    node: row.node as NodeName,
    fenceNumber: row.fence_number as FenceNumber,
    plan: JSON.parse(row.plan) as Plan,
    planDigest: row.plan_digest,
    state: row.state,
    why: row.why,
    startedAt: row.started_at as EpochMillis,
    endedAt: row.ended_at as EpochMillis | null,
  };
}
