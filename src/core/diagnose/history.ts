/** Which of two nodes holds WAL that the other does not have, as far as their answers tell. */
import { judgeDivergence, type Divergence, type ServerHistory } from '../divergence/judge-divergence.ts';
import { known, mapKnown, unknown, type Known } from '../model/known.ts';
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

/** How `one` stands to `other`. Unknown where a timeline, history or position was not read, and for servers of two clusters. */
export function relateHistories(
  one: PostgresObservation,
  other: PostgresObservation,
): Known<HistoryRelation> {
  const divergence = divergenceOf(one, other);
  if (divergence.kind === 'unknown') return divergence;
  switch (divergence.value.kind) {
    case 'foreign-system':
      return unknown('they do not come from the same initdb');
    case 'undecided':
      return known('same');
    case 'forked':
      return known('forked');
    case 'ahead':
      return known('contains');
    case 'behind': {
      const { at } = divergence.value;
      return mapKnown(endOfWal(other), (end) => (end > at ? 'contained' : 'equal'));
    }
  }
}

/** The same in full: where they part and how. */
export function divergenceOf(one: PostgresObservation, other: PostgresObservation): Known<Divergence> {
  const left = historyOf(one);
  const right = historyOf(other);
  if (left.kind === 'unknown') return left;
  if (right.kind === 'unknown') return right;
  try {
    return known(judgeDivergence(left.value, right.value));
  } catch (error) {
    return unknown(errorText(error));
  }
}

function historyOf(postgres: PostgresObservation): Known<ServerHistory> {
  const { timeline, history, systemIdentifier } = postgres;
  const end = endOfWal(postgres);
  if (systemIdentifier.kind === 'unknown') return systemIdentifier;
  if (timeline.kind === 'unknown') return timeline;
  if (history.kind === 'unknown') return history;
  if (end.kind === 'unknown') return end;
  try {
    return known({
      systemIdentifier: systemIdentifier.value,
      branch: { timeline: timeline.value, history: parseHistory(history.value) },
      endLsn: end.value,
      beginning: null,
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
