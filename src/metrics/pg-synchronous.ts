/** Whether a primary acknowledges commits although the standbys that its user wants to wait for are not there. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** No series where it is not known, nor on a standby, whose setting makes nobody wait. */
export function pgSynchronousMetrics({ postgres }: ScrapeView): readonly MetricSample[] {
  if (postgres === null || postgres.sample.kind === 'unknown') return [];
  const { inRecovery, suspendedSynchronous: record, synchronousStandbyNames } = postgres.sample.value;
  if (inRecovery || record.kind === 'unknown') return [];
  const since = record.value !== null && synchronousStandbyNames === '' ? record.value.at / 1_000 : 0;
  return [metric('primacy_pg_synchronous_suspended_timestamp_seconds', since)];
}
