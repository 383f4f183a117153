/** What this node knows of the lease, read from its own files without changing them: with its agent dead or alive. */
import type { Paths } from '../config/paths.ts';
import { known, unknown, type Known } from '../core/model/known.ts';
import type { LeaseObservation } from '../core/model/observation.ts';
import { errorText } from '../core/model/primacy-error.ts';
import { bootMillis } from '../world/clock.ts';
import { isEntitling, readLeaseFile, type LeaseDeadline } from '../world/files/lease-file.ts';
import { readOverrideFile } from '../world/files/override-file.ts';
import { readOptional } from '../world/files/read-optional.ts';
import { parseVoteMemory } from '../world/files/vote-memory.ts';

/** Null where this voter knows of no lease. A file that is there and cannot be understood makes it unknown. Never rejects. */
export async function observeLease(
  node: string,
  paths: Pick<Paths, 'vote' | 'leaseFile' | 'overrideFile'>,
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
    const pause = memory.pause && {
      number: memory.pause.number,
      ended: memory.pause.waitMs === 0,
      ...memory.pause.words,
    };
    const override = entitled ? await overrideOf(paths.overrideFile, uuid) : null;
    return known({ epoch, uuid, holder, transferredTo: memory.transferredTo, entitled, pause, override });
  } catch (error) {
    return unknown(`cannot read vote memory ${paths.vote}: ${errorText(error)}`);
  }
}

/** For people alone: one that cannot be read is shown as none, and the alert tells of it all the same. */
async function overrideOf(path: string, uuid: string): Promise<LeaseObservation['override']> {
  const file = await readOverrideFile(path);
  if (file.kind === 'unknown' || file.value?.uuid !== uuid) return null;
  const { reason, untilMs } = file.value;
  return { reason, until: new Date(Date.now() + untilMs - bootMillis()).toISOString() };
}

/** A holder that raises its epoch has the new one in its vote a moment before it has it in the deadline. */
function isValid(deadline: LeaseDeadline, node: string, epoch: number): boolean {
  return deadline.epoch <= epoch && isEntitling(deadline, node);
}
