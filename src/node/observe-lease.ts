/** What this node knows of the lease, read from its own two files without changing them: with its agent dead or alive. */
import type { Paths } from '../config/paths.ts';
import { known, unknown, type Known } from '../core/model/known.ts';
import type { LeaseObservation } from '../core/model/observation.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { isEntitling, readLeaseFile, type LeaseDeadline } from '../world/files/lease-file.ts';
import { readOptional } from '../world/files/read-optional.ts';
import { parseVoteMemory } from '../world/files/vote-memory.ts';

/** Null where this voter knows of no lease. A file that is there and cannot be understood makes it unknown. Never rejects. */
export async function observeLease(
  node: string,
  paths: Pick<Paths, 'vote' | 'leaseFile'>,
): Promise<Known<LeaseObservation | null>> {
  const deadline = await readLeaseFile(paths.leaseFile);
  if (deadline.kind === 'unknown') return deadline;
  try {
    const text = await readOptional(paths.vote);
    if (text === null) return known(null);
    const memory = parseVoteMemory(text);
    if (memory.lease === null) return known(null);
    const { epoch, uuid, holder } = memory.lease;
    const own = holder === node && memory.transferredTo === null;
    const entitled = own && deadline.value !== null && isValid(deadline.value, node, epoch);
    return known({ epoch, uuid, holder, transferredTo: memory.transferredTo, entitled });
  } catch (error) {
    return unknown(`cannot read vote memory ${paths.vote}: ${errorText(error)}`);
  }
}

/** A holder that raises its epoch has the new one in its vote a moment before it has it in the deadline. */
function isValid(deadline: LeaseDeadline, node: string, epoch: number): boolean {
  return deadline.epoch <= epoch && isEntitling(deadline, node);
}
