/** Asks the holder for the checkpoint that a rewind will need while this node is still counting: it costs seconds on a busy server. */
import type { NodeName } from '../../core/model/names.ts';
import { checkpoint, readSurvivorFacts } from '../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../procedures/context.ts';
import { sessionTo } from '../procedures/survivor-session.ts';

/** Only where its last checkpoint is on an older timeline (facts.md section 6). Never rejects: the rewind asks again by itself. */
export async function checkpointEarly(context: ProcedureContext, holder: NodeName): Promise<void> {
  const { timings } = context.cluster;
  const session = sessionTo(context, context.endpointOf(holder));
  try {
    const facts = await readSurvivorFacts(session, timings.sqlStatementSeconds * 1_000);
    if (facts.checkpointTimeline !== facts.timeline) await checkpoint(session, timings.rewindSeconds * 1_000);
  } catch {
    // What went wrong here shows when the rewind asks; until then nothing depends on it.
  } finally {
    await session.close();
  }
}
