/** The heartbeat as stored and as this server's clock has it, and how the last write of it went. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Two moments of one query instead of an age, so that the reader decides whose clock to trust. */
export function heartbeatMetrics(view: ScrapeView): readonly MetricSample[] {
  const samples: MetricSample[] = [];
  if (view.postgres?.sample.kind === 'known' && view.postgres.sample.value.heartbeat.kind === 'known') {
    const { stored, now } = view.postgres.sample.value.heartbeat.value;
    samples.push(
      metric('primacy_heartbeat_stored_timestamp_seconds', stored),
      metric('primacy_heartbeat_now_timestamp_seconds', now),
    );
  }
  if (view.heartbeatWrite !== null) {
    const { success, seconds, endedAt } = view.heartbeatWrite;
    samples.push(
      metric('primacy_heartbeat_write_success', success ? 1 : 0),
      metric('primacy_heartbeat_write_duration_seconds', seconds),
      metric('primacy_heartbeat_write_timestamp_seconds', endedAt),
    );
  }
  if (view.synchronousWait?.kind === 'known') {
    samples.push(metric('primacy_heartbeat_sync_wait', view.synchronousWait.value ? 1 : 0));
  }
  return samples;
}
