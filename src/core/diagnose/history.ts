/** Which of two nodes holds WAL that the other does not have, as far as their answers tell. */
import { compareBranches } from '../divergence/compare-branches.ts';
import { known, unknown, type Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';
import type { PostgresObservation } from '../model/observation.ts';
import { errorText } from '../model/primacy-error.ts';
import { parseHistory } from '../model/timeline.ts';

/**
 * `contains`: the other's whole WAL is part of this one's. `contained`: the reverse. `forked`: each has WAL of its own.
 * `same`: the branches are equal by number and switch point, which proves nothing about who wrote what.
 * `equal`: neither wrote anything past the point where they part.
 */
export type HistoryRelation = 'contains' | 'contained' | 'forked' | 'same' | 'equal';

/** How `one` stands to `other`. Unknown where a timeline, history or position was not read. */
export function relateHistories(
  one: PostgresObservation,
  other: PostgresObservation,
): Known<HistoryRelation> {
  const left = positionOf(one);
  const right = positionOf(other);
  if (left.kind === 'unknown') return left;
  if (right.kind === 'unknown') return right;
  try {
    const comparison = compareBranches(left.value.branch, right.value.branch);
    if (comparison.kind === 'same') return known('same');
    return known(relationAt(left.value.end > comparison.at, right.value.end > comparison.at));
  } catch (error) {
    return unknown(errorText(error));
  }
}

function relationAt(leftWrotePast: boolean, rightWrotePast: boolean): HistoryRelation {
  if (leftWrotePast && rightWrotePast) return 'forked';
  if (leftWrotePast) return 'contains';
  return rightWrotePast ? 'contained' : 'equal';
}

interface Position {
  readonly branch: {
    readonly timeline: Parameters<typeof compareBranches>[0]['timeline'];
    readonly history: ReturnType<typeof parseHistory>;
  };
  readonly end: Lsn;
}

function positionOf(postgres: PostgresObservation): Known<Position> {
  const { timeline, history } = postgres;
  const end = endOfWal(postgres);
  if (timeline.kind === 'unknown') return timeline;
  if (history.kind === 'unknown') return history;
  if (end.kind === 'unknown') return end;
  try {
    return known({
      branch: { timeline: timeline.value, history: parseHistory(history.value) },
      end: end.value,
    });
  } catch (error) {
    return unknown(errorText(error));
  }
}

/** A primary's written position; of a standby the later of received and replayed, because restored WAL is replayed, not received. */
function endOfWal(postgres: PostgresObservation): Known<Lsn> {
  if (postgres.role === 'primary') return postgres.currentLsn;
  const { receiveLsn, replayLsn } = postgres;
  if (replayLsn.kind === 'unknown') return replayLsn;
  if (receiveLsn.kind === 'unknown') return replayLsn;
  return receiveLsn.value > replayLsn.value ? receiveLsn : replayLsn;
}
