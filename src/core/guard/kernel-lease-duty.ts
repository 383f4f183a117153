/** Whether a node without a lease cuts its clients off in the kernel: not while it is only watched, or is just being handed over. */
import type { Duty } from './duty.ts';

/**
 * Between the adoption of a running primary and its first lease lie some hundred milliseconds, in which its clients go on as before:
 * rules without an element would answer each of them with a reset. Whatever else a node without a lease has to do, it cuts off.
 */
export function cutsClientsOff({ kind }: Duty): boolean {
  return kind !== 'observe' && kind !== 'adopt-lease';
}
