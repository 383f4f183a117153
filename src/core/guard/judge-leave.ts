/** Whether an agent that ends in order leaves its lease to the agent that comes next: only where all is well, so that nothing waits for it. */
import type { Duty, DutySnapshot } from './duty.ts';

/** Why the lease is left as it is, to run out soon; null where it is to be made longer. One sentence without full stop. */
export function whyNoLeave({ self, lease, server }: DutySnapshot, duty: Duty): string | null {
  if (lease.entitledUntil === null) return `${self} does not hold the lease`;
  if (lease.forced) return `${self} is primary by an override, which lies on tmpfs for itself`;
  if (lease.pause !== null) return lease.pause;
  if (server.state !== 'writable') return `the server of ${self} is not writable`;
  return duty.kind === 'hold' ? null : `there is something to do: ${duty.reason}`;
}
