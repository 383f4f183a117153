/** Gives a node its `synchronous_standby_names` back, once that makes nobody wait. */
import { decideSynchronous } from '../../core/guard/decide-synchronous.ts';
import type { Duty } from '../../core/guard/duty.ts';
import { bootMillis } from '../../world/clock.ts';
import { deferredSteps } from '../hand-over/deferred-steps.ts';
import { restoreSynchronous } from '../hand-over/synchronous.ts';
import type { KeeperContext } from './context.ts';

/** Makes the step; `duty` gives what the keeper decided last. Only a settled node is touched: a promotion suspends it meanwhile. */
export function createSynchronousKeeper(context: KeeperContext, duty: () => Duty): () => Promise<void> {
  return async () => {
    const { own, log } = context;
    const sample = own.sample(bootMillis());
    if (sample.kind === 'unknown' || own.promoting) return;
    const { kind } = duty();
    if (kind !== (sample.value.inRecovery ? 'wait' : 'hold')) return;
    const {
      suspendedSynchronous: record,
      synchronousStandbyNames: inForce,
      senders,
      inRecovery,
    } = sample.value;
    if (record.kind === 'unknown') {
      log.error({ reason: record.reason }, 'cannot restore synchronous replication');
      return;
    }
    const suspended = record.value;
    if (suspended === null) return;
    const decision = decideSynchronous({ inRecovery, inForce, suspended: suspended.names, senders });
    if (decision.kind !== 'restore') return;
    const { step, write } = deferredSteps(context, 'promote');
    try {
      await step(
        'restore-synchronous',
        () => restoreSynchronous(context, suspended),
        () => `${suspended.names}: ${decision.reason}`,
      );
    } finally {
      await write();
    }
    log.info({ names: suspended.names, reason: decision.reason }, 'synchronous replication restored');
  };
}
