/** Tells of a fence that another guard of this node was quicker with than its agent. */
import type { Duty, DutySnapshot } from '../../core/guard/duty.ts';
import { fencedBefore } from '../../core/guard/fenced-before.ts';
import type { KeeperContext } from './context.ts';

const REASON = 'another guard of this node ended PostgreSQL when the lease had ended';

/** To be called with every decision, before what follows from it is begun. */
export type FenceWatch = (snapshot: DutySnapshot, duty: Duty, busy: boolean) => void;

/** What happened before the agent's first look is not told. */
export function createFenceWatch({ hooks, log }: Pick<KeeperContext, 'hooks' | 'log'>): FenceWatch {
  let serves = false;
  return (snapshot, duty, busy) => {
    const now = fencedBefore(serves, snapshot, duty, busy);
    serves = now.serves;
    if (!now.fenced) return;
    log.warn({ reason: REASON }, 'fenced by another guard');
    hooks.ended({ kind: 'fence', reason: REASON }, { vip: null, killed: false });
  };
}
