/** What a settled node keeps in order every few seconds: pins, the restore wrapper's chain, its own fence marker, failovers that were made good. */
import type { Duty } from '../../core/guard/duty.ts';
import type { ServerReport } from '../../core/model/node-report.ts';
import { bootMillis } from '../../world/clock.ts';
import { pinServer } from '../adopt/pin-server.ts';
import { keepChain } from '../hand-over/keep-chain.ts';
import type { KeeperContext } from './context.ts';
import { clearLeaseLost } from './lease-lost.ts';
import { PEER_FRESH_MS } from './limits.ts';

/** A standby's pins change only by hand, so they are looked at less often. */
const STANDBY_EVERY = 4;

/** Makes the step; `duty` gives what the keeper decided last. */
export function createUpkeep(context: KeeperContext, duty: () => Duty): () => Promise<void> {
  let turn = 0;
  return async () => {
    const { own } = context;
    const sample = own.sample(bootMillis());
    if (sample.kind === 'unknown') return;
    const { kind } = duty();
    if (kind === 'hold' || kind === 'wait') await keepChain(context, sample.value, holderReport(context));
    if (kind === 'hold' && !sample.value.inRecovery) {
      await pinServer(context, 'holder');
      await clearLeaseLost(context);
      if (sample.value.senders.some((it) => it.state === 'streaming')) context.memory.markRejoined();
      await context.slots.keepOnPrimary(sample.value);
    } else if (kind === 'wait' && sample.value.receiver?.status === 'streaming') {
      await clearLeaseLost(context);
      const holder = context.lease.memory().lease?.holder;
      if (holder !== undefined) await context.slots.keepOnStandby(sample.value, holder);
      turn = (turn + 1) % STANDBY_EVERY;
      if (turn === 1) await pinServer(context, 'standby');
    }
  };
}

/** What the lease's holder said of its server lately; null where it is this node, or silent. */
function holderReport({ lease }: KeeperContext): ServerReport | null {
  const holder = lease.memory().lease?.holder;
  const peer = holder === undefined ? undefined : lease.peers().get(holder);
  return peer !== undefined && bootMillis() - peer.heardAt <= PEER_FRESH_MS ? peer.report.server : null;
}
