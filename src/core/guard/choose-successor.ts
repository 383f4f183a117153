/** Chooses the standby that a holder gives its lease to: ready, heard just now, and with the most WAL. */
import type { Known } from '../model/known.ts';
import { parseLsn, type Lsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeReport } from '../model/node-report.ts';
import type { OtherNode } from './duty.ts';

/** What candidates are compared by; every node's report is one. */
export interface Candidate {
  readonly node: NodeName;
  readonly priority: number;
  readonly server: {
    readonly lsn: string | null;
    readonly streamsAs?: string | null;
    readonly timeline?: number | null;
    readonly historyHash?: string | null;
    readonly dataEpoch?: number | null;
  } | null;
}

/**
 * The best ready successor: highest received LSN, then priority, then name. Null where none is ready. `debt`: what the giver owes itself
 * (debt.ts), which a successor has to have.
 */
export function chooseSuccessor(
  others: readonly OtherNode[],
  now: number,
  freshMs: number,
  debt: Known<Lsn | null>,
): NodeName | null {
  const ready = others.filter(
    ({ heardAt, report }) => now - heardAt <= freshMs && mayBeGiven(report) && settles(report, debt),
  );
  const [best] = ready.toSorted((a, b) => compareCandidates(a.report, b.report));
  return best?.node ?? null;
}

/**
 * The standbys that a candidate is compared with: adopted, and heard and answering just now. One that is heard and hears nobody, such as
 * a primary that lost its lease on a line of one direction, can never take over, however much WAL it has.
 */
export function rivalsAmong(
  others: readonly OtherNode[],
  now: number,
  freshMs: number,
): readonly NodeReport[] {
  const isFresh = (moment: number | null): boolean => moment !== null && now - moment <= freshMs;
  return others
    .filter((it) => isFresh(it.heardAt) && isFresh(it.answer?.sentAt ?? null))
    .map((it) => it.report)
    .filter((it) => it.server?.role === 'standby' && it.adopted);
}

/** Said by itself: an adopted standby that passes all criteria of its own, with a position to compare. */
function mayBeGiven(report: NodeReport): boolean {
  const { server } = report;
  return (
    report.kind === 'database' &&
    report.adopted &&
    report.readyToSucceed &&
    server?.role === 'standby' &&
    server.lsn !== null
  );
}

function settles({ server }: NodeReport, debt: Known<Lsn | null>): boolean {
  if (debt.kind === 'unknown') return false;
  const lsn = server?.lsn ?? null;
  return debt.value === null || (lsn !== null && parseLsn(lsn) >= debt.value);
}

/** Below zero where `a` is the better candidate. An unknown position is the worst. */
export function compareCandidates(a: Candidate, b: Candidate): number {
  const [mine, other] = [positionOf(a), positionOf(b)];
  if (mine !== other) return mine > other ? -1 : 1;
  if (a.priority !== b.priority) return b.priority - a.priority;
  return a.node < b.node ? -1 : 1;
}

function positionOf(report: Candidate): bigint {
  const lsn = report.server?.lsn ?? null;
  return lsn === null ? -1n : parseLsn(lsn);
}
