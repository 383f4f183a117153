/** At start: what an earlier process left running is taken up where its journal ends, with the same identifier and fence number. */
import { remediationsIn } from '../store/remediations.ts';
import { closeRemediation } from './close-remediation.ts';
import { clusterName, note, type ClusterContext } from './context.ts';
import { runRemediation } from './run-remediation.ts';

/** Runs the unfinished remediation of the cluster, if there is one. Every step looks first, so nothing is done twice. */
export async function resumeRemediation(context: ClusterContext): Promise<void> {
  const [unfinished] = await remediationsIn(context.store, clusterName(context), ['running']);
  if (unfinished === undefined) return;
  if (context.policy === 'observe') {
    const why = 'the policy is observe now: nothing is taken up';
    await closeRemediation(context, unfinished, 'remediation-ended', 'superseded', why);
    return;
  }
  await note(context, {
    remediation: unfinished.id,
    node: unfinished.node,
    event: 'remediation-resumed',
    detail: { fenceNumber: unfinished.fenceNumber },
  });
  context.log.warn({ remediation: unfinished.id }, 'taking up an unfinished remediation');
  await runRemediation(context, unfinished, null);
}
