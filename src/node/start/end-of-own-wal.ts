/** Where the WAL of this stopped node ends, on the branch that it is on. */
import { branchBegin } from '../../core/divergence/branch.ts';
import type { Lsn } from '../../core/model/lsn.ts';
import type { ControlFile } from '../../world/postgres/control-data.ts';
import { findEndOfWal } from '../../world/postgres/end-of-wal.ts';
import type { LoserWal } from '../procedures/account/loser-wal.ts';
import type { ProcedureContext } from '../procedures/context.ts';

/** Reads from the newest position that the control file vouches for. Throws as `findEndOfWal`. */
export function endOfOwnWal(context: ProcedureContext, control: ControlFile, wal: LoserWal): Promise<Lsn> {
  const { postgres, timings } = context.cluster;
  const begin = branchBegin(wal.branch);
  const { checkpointLsn, minRecoveryEndLsn } = control;
  return findEndOfWal(context.runner, {
    binDirectory: postgres.binDirectory,
    directory: wal.directory,
    files: wal.files,
    timeline: wal.branch.timeline,
    near: [checkpointLsn, minRecoveryEndLsn].reduce((a, b) => (a > b ? a : b), begin),
    begin,
    segmentBytes: wal.segmentBytes,
    timeoutMs: timings.accountSeconds * 1_000,
  });
}
