/** The ways in which this node becomes primary: given the lease, after a silence, again, or for the first time. */
import type { Way } from '../../core/guard/criterion.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Done, KeeperContext } from './context.ts';
import { confirmEpoch } from './confirm-epoch.ts';
import { promoteUnderLease } from './promote-under-lease.ts';

/** A claim is repeated every 50 ms. */
const CLAIM_LIMIT_MS = 1_000;

/** The last holder proved its death and named this node. */
export async function succeed(context: KeeperContext): Promise<Done> {
  const bequest = context.lease.bequest();
  if (bequest === null) throw refusal(context, 'the transfer is void');
  await context.memory.owe(bequest.proof);
  const lease = await claim(context);
  context.memory.hold(lease);
  return failOver(context, lease, 'certain-death');
}

/** The voters have waited, every criterion passed at the last look. */
export async function takeOver(context: KeeperContext): Promise<Done> {
  await context.memory.owe(null);
  const lease = await claim(context);
  context.memory.hold(lease);
  return failOver(context, lease, 'silence');
}

/**
 * The lease again: the promotion follows as a duty of its own, and still owes what it owed. A claim in vain is remembered as the
 * continuation that it is.
 */
export async function reclaim(context: KeeperContext): Promise<Done> {
  const { lease: service, memory, node } = context;
  try {
    const lease = await claim(context);
    memory.hold(lease);
    return { epoch: lease.epoch };
  } catch (error) {
    const own = service.memory().lease;
    if (own?.holder === node.name) memory.claimedInVain(own);
    throw error;
  }
}

/** The server of the holder is in recovery and has replayed its WAL. */
export async function promoteHere(context: KeeperContext): Promise<Done> {
  const lease = context.lease.held();
  if (lease === null) throw refusal(context, 'the lease has ended');
  return promoteUnderLease(context, lease);
}

/** The first lease of the cluster, for a primary that serves already. */
export async function adoptLease(context: KeeperContext): Promise<Done> {
  await context.memory.owe(null);
  const lease = await context.lease.claim(CLAIM_LIMIT_MS, true);
  if (lease === null) throw refusal(context, 'no majority granted the first lease');
  context.memory.hold(lease);
  await confirmEpoch(context, lease, true);
  return { epoch: lease.epoch };
}

async function failOver(context: KeeperContext, lease: LeaseId, way: Way): Promise<Done> {
  const done = await promoteUnderLease(context, lease);
  context.memory.recordFailover(context.clock.wallMillis(), lease.epoch, way);
  return { epoch: lease.epoch, ...done };
}

async function claim(context: KeeperContext): Promise<LeaseId> {
  const lease = await context.lease.claim(CLAIM_LIMIT_MS);
  if (lease === null)
    throw refusal(context, `no majority granted the next epoch within ${CLAIM_LIMIT_MS} ms`);
  return lease;
}

function refusal(context: KeeperContext, reason: string): PrimacyError {
  return new PrimacyError('refused', `cannot make ${context.node.name} primary: ${reason}`, {
    retryable: true,
  });
}
