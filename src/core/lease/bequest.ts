/** A transfer that names this node: the successor. */
import type { NodeName } from '../model/names.ts';
import type { LeaseId } from './lease.ts';
import type { LeaseRequest } from './message.ts';

export interface Bequest {
  readonly lease: LeaseId;
  readonly proof: unknown;
  readonly at: number;
}

/**
 * What this node has been given once its own vote granted a request: the first word of it stays. A transfer without its proof, which a
 * giver that was restarted does not have any more, is none: it only ends the wait.
 */
export function bequestAfter<Report>(
  present: Bequest | null,
  request: LeaseRequest<Report>,
  self: NodeName,
  now: number,
): Bequest | null {
  if (present !== null || request.kind !== 'transfer') return present;
  const { lease, successor, proof } = request;
  return successor === self && proof !== null ? { lease, proof, at: now } : null;
}

/** A newer epoch in this node's own vote makes it void. */
export function bequestUnder(present: Bequest | null, newest: LeaseId | null): Bequest | null {
  return present !== null && newest !== null && newest.epoch > present.lease.epoch ? null : present;
}
