/** Writes down how a remediation stands, in journal and table at once, so that a crash never leaves the two apart. */
import { appendEntry } from '../store/journal.ts';
import { setRemediationState, type Remediation } from '../store/remediations.ts';
import type { RemediationState } from '../store/tables.ts';
import type { ClusterContext } from './context.ts';

/** One transaction. `why` is for people. */
export async function closeRemediation(
  context: ClusterContext,
  remediation: Remediation,
  event: 'remediation-ended' | 'remediation-waiting' | 'remediation-stuck',
  state: Exclude<RemediationState, 'running'>,
  why: string | null,
): Promise<void> {
  const at = context.clock.wallMillis();
  await context.store.transaction().execute(async (transaction) => {
    await appendEntry(transaction, {
      at,
      cluster: remediation.cluster,
      remediation: remediation.id,
      node: remediation.node,
      event,
      step: null,
      detail: { state, why },
    });
    await setRemediationState(transaction, remediation.id, state, why, at);
  });
}
