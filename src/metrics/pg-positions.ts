/** How far the server has written, received and replayed its WAL. */
import type { Lsn } from '../core/model/lsn.ts';
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Positions as byte counts: exact up to 8 PiB of WAL, where a float loses its last bit. */
export function pgPositionMetrics(view: ScrapeView): readonly MetricSample[] {
  if (view.postgres === null || view.postgres.sample.kind === 'unknown') return [];
  const { currentLsn, receiveLsn, replayLsn } = view.postgres.sample.value;
  return [
    ...position('primacy_pg_current_lsn_bytes', currentLsn),
    ...position('primacy_pg_receive_lsn_bytes', receiveLsn),
    ...position('primacy_pg_replay_lsn_bytes', replayLsn),
  ];
}

function position(name: string, lsn: Lsn | null): readonly MetricSample[] {
  return lsn === null ? [] : [metric(name, Number(lsn))];
}
