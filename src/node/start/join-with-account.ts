/** The long way back: stop, count and keep what will be discarded, ask the policy, and only then rewind or copy. */
import { LEASE_LOST } from '../../core/guard/decide-duty.ts';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { RejoinManifest } from '../../world/files/rejoin-manifest.ts';
import type { RejoinReport } from '../../world/remote/protocol.ts';
import { account } from '../procedures/account.ts';
import { readMarker } from '../procedures/preconditions.ts';
import { rejoin } from '../procedures/rejoin.ts';
import { endPostgres } from '../procedures/stop-postgres.ts';
import type { JoinEnd, Joining } from './joining.ts';
import { checkpointEarly } from './checkpoint-early.ts';
import { setMarker } from './lease-lost.ts';

/** From a node in whatever state to a following one, or to one that stands fenced and waits for a person. */
export async function discardAndRejoin(joining: Joining): Promise<JoinEnd> {
  const { context, holder, order, step } = joining;
  // Before it is stopped: whoever looks meanwhile must not start it again.
  await step('set-marker', () => setMarker(context, order, LEASE_LOST, 'fencing'));
  await endPostgres(context, step);
  await step('mark-fenced', () => setMarker(context, order, LEASE_LOST, 'fenced'));
  const early = checkpointEarly(context, holder);
  try {
    const counted = await count(joining);
    if ('kind' in counted) return counted;
    if (joining.policy === 'approve' && counted.clientTransactions > 0) {
      await step('ask-a-person', () => setMarker(context, order, 'client-transactions', 'fenced'));
      return {
        kind: 'refused',
        code: 'client-transactions',
        reason: `it would discard ${counted.clientTransactions} client transactions, kept in ${counted.bundle}`,
        account: counted,
      };
    }
    await early;
    const report = await rejoin(context, { ...order, survivor: holder, accountDigest: counted.digest });
    return following(report, counted);
  } finally {
    await early;
  }
}

/** Goes on with a rejoin of this node's own that was interrupted. Its account was judged by the policy before it began. */
export async function resumeRejoin(joining: Joining, manifest: RejoinManifest): Promise<JoinEnd> {
  const { context, holder, order, step } = joining;
  const resumed = { remediation: manifest.remediation, fenceNumber: order.fenceNumber, survivor: holder };
  if ((await readMarker(context)) === null)
    await step('set-marker', () => setMarker(context, resumed, LEASE_LOST, 'fenced'));
  const counted = await account(context, resumed);
  const report = await rejoin(context, { ...resumed, accountDigest: manifest.accountDigest });
  return following(report, counted);
}

/** What cannot be counted is not discarded: a person has to look. */
async function count({ context, holder, order, step }: Joining): Promise<DivergenceAccount | JoinEnd> {
  try {
    return await account(context, { ...order, survivor: holder });
  } catch (error) {
    if (!(error instanceof PrimacyError) || error.code !== 'refused' || error.retryable) throw error;
    await step('ask-a-person', () => setMarker(context, order, 'not-accountable', 'fenced'));
    return { kind: 'refused', code: 'not-accountable', reason: error.message, account: null };
  }
}

function following(report: RejoinReport, counted: DivergenceAccount): JoinEnd {
  const how = report.how === 'none' ? 'start' : report.how;
  return { kind: 'following', how, account: counted };
}
