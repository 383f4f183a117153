/** What a settled node keeps in order every few seconds: pins, the synchronous set, its own fence marker, failovers that were made good. */
import type { Duty } from '../../core/guard/duty.ts';
import { bootMillis } from '../../world/clock.ts';
import { pinServer } from '../adopt/pin-server.ts';
import { restoreSynchronous } from '../hand-over/synchronous.ts';
import type { KeeperContext } from './context.ts';
import { clearLeaseLost } from './lease-lost.ts';

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
    if (kind === 'hold' && !sample.value.inRecovery) {
      await pinServer(context, 'holder');
      await clearLeaseLost(context);
      if (!sample.value.senders.some((it) => it.state === 'streaming')) return;
      context.memory.markRejoined();
      await restoreSynchronous(context);
    } else if (kind === 'wait' && sample.value.receiver?.status === 'streaming') {
      await clearLeaseLost(context);
      turn = (turn + 1) % STANDBY_EVERY;
      if (turn === 1) await pinServer(context, 'standby');
    }
  };
}
