/** Waits until the kernel, too, reads the short deadline of a pause that is being ended. */
import { pollUntil } from '../../world/clock.ts';
import type { KeeperContext } from './context.ts';

/** nft answers in a few milliseconds; one that does not is no reason to stay paused, the other fences stand. */
const LIMIT_MS = 2_000;
const POLL_MS = 20;

/** To be called after the keeper has looked, which tells the kernel. Never throws; what cannot be seen is logged. */
export async function shortenKernelLease({
  clock,
  kernelLease,
  lease,
  log,
}: Pick<KeeperContext, 'clock' | 'lease' | 'log'> & {
  readonly kernelLease: Pick<KeeperContext['kernelLease'], 'endsBy'>;
}): Promise<void> {
  const short = async (): Promise<true | undefined> =>
    kernelLease.endsBy(lease.entitledUntil() ?? 0) ? true : undefined;
  if ((await pollUntil(clock, LIMIT_MS, POLL_MS, short)) === undefined)
    log.error({}, 'cannot see that the kernel lease became as short as the others');
}
