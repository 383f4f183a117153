/** Whether an isolated recovery can help at all: only a checkpoint in the WAL of the own timeline brings the control file onto it. */
import { branchBegin } from '../../../core/divergence/branch.ts';
import { isCheckpoint } from '../../../core/divergence/xlog-facts.ts';
import type { ControlFile } from '../../../world/postgres/control-data.ts';
import { openLoserWal, scanWal } from '../account/loser-wal.ts';
import type { ProcedureContext } from '../context.ts';

/**
 * A server that ended soon after its promotion wrote none: its recovery would leave the control file on the parent timeline, where pg_rewind
 * of PostgreSQL 15 does not see that anything has parted (facts.md section 6). Throws where the WAL cannot be read.
 */
export async function hasCheckpointAhead(context: ProcedureContext, control: ControlFile): Promise<boolean> {
  const wal = await openLoserWal(context, control);
  if (wal.branch.timeline === control.checkpointTimeline) return true;
  const begin = branchBegin(wal.branch);
  let found = false;
  await scanWal(context, wal, begin, (record) => {
    if (record.lsn >= begin && isCheckpoint(record)) found = true;
  });
  return found;
}
