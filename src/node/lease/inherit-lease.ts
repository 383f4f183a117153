/** What an agent that was restarted takes over from the one before it: a lease whose deadline on tmpfs has not passed. */
import type { LeaseConfig, LeaseId } from '../../core/lease/lease.ts';
import type { VoterMemory } from '../../core/lease/voter.ts';
import { readLeaseFile } from '../../world/files/lease-file.ts';

export interface Inheritance {
  readonly lease: LeaseId;
  readonly untilMs: number;
}

export interface LeftBehind {
  /** Null where this node has to ask anew. */
  readonly inherited: Inheritance | null;
  /** True where the file holds anything that a fence could take for a lease, and that means nothing any more. */
  readonly mustEnd: boolean;
}

/**
 * The lease goes on where the file names this node and the epoch of its own memory, and its deadline lies in the future, though not further
 * than a lease, or the pause in that memory, is long: such a deadline is none of this boot.
 */
export async function readLeftBehind(
  path: string,
  config: LeaseConfig,
  memory: VoterMemory,
  now: number,
): Promise<LeftBehind> {
  const file = await readLeaseFile(path);
  if (file.kind === 'unknown') return { inherited: null, mustEnd: true };
  if (file.value === null || file.value.deadlineCs === 0) return { inherited: null, mustEnd: false };
  const { deadlineCs, epoch, node } = file.value;
  const untilMs = deadlineCs * 10;
  const { lease, transferredTo } = memory;
  const goesOn =
    lease !== null &&
    transferredTo === null &&
    lease.holder === config.self &&
    node === config.self &&
    epoch === lease.epoch &&
    untilMs > now &&
    untilMs - now <= Math.max(config.leaseMs, memory.pause?.waitMs ?? 0);
  return goesOn ? { inherited: { lease, untilMs }, mustEnd: false } : { inherited: null, mustEnd: true };
}
