/** Whether a keeper may look less often for a while: pure. */
import type { Duty, DutySnapshot } from './duty.ts';

/** Nothing is due, and the one on whom everything rests was heard just now. */
export function isCalm(duty: Duty, { now, server, lease, limits }: DutySnapshot): boolean {
  if (duty.kind === 'hold' || duty.kind === 'observe') return true;
  const { newest, holderHeardAt } = lease;
  const follows = newest !== null && server.streamsFrom === newest.lease.holder;
  return (
    duty.kind === 'wait' && follows && holderHeardAt !== null && now - holderHeardAt < limits.freshMs / 2
  );
}
