/** What a promotion really left behind of a dead primary's WAL: replay goes on until the very end, also after the rescue was given up. */
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import { lsnDifferenceBytes } from '../../core/model/lsn.ts';
import { parseHistory, type HistoryEntry } from '../../core/model/timeline.ts';
import { readSurvivorFacts } from '../../world/postgres/survivor.ts';
import type { HandOverContext } from './context.ts';

/** Bytes of certified WAL that are not part of this node's new timeline. Throws where the promoted server does not tell. */
export async function bytesLeftBehind(
  context: HandOverContext,
  certificate: DeathCertificate,
): Promise<number> {
  const limitMs = context.cluster.timings.sqlStatementSeconds * 1_000;
  const { history } = await readSurvivorFacts(context.session, limitMs);
  return bytesAfterSwitch(parseHistory(history), certificate);
}

/** Nothing is left behind where the dead primary's timeline was left at or after the certificate's end. */
export function bytesAfterSwitch(
  history: readonly HistoryEntry[],
  { timeline, endLsn }: Pick<DeathCertificate, 'timeline' | 'endLsn'>,
): number {
  const left = history.findLast((it) => it.timeline === timeline)?.switchLsn;
  // A timeline that is in no entry is the present one: it was never left.
  return left === undefined || left >= endLsn ? 0 : lsnDifferenceBytes(endLsn, left);
}
