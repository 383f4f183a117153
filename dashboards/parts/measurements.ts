/** The measured values of one cluster as lines: heartbeat, lag, positions, and what watching costs. */
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { NODE_SELECTOR } from './expressions.ts';
import { timeSeries, type PanelText } from './panels.ts';

/** Recorded series keep the labels of the standby they are about. */
const LAG_SELECTOR = 'cluster=~"$cluster", instance=~"$instance"';

/** Age and lag come first: they are what a person decides by. Units are Grafana's. */
const MEASUREMENTS: readonly (PanelText & { readonly unit: string })[] = [
  {
    title: 'Heartbeat age',
    description:
      'Age of the newest heartbeat that the node sees; both moments are from one query on that node.',
    expr: `primacy_heartbeat_now_timestamp_seconds{${NODE_SELECTOR}} - primacy_heartbeat_stored_timestamp_seconds{${NODE_SELECTOR}}`,
    legend: '{{node}}',
    unit: 's',
  },
  {
    title: 'Heartbeat write',
    description: 'Time that the last write of the heartbeat took on the primary.',
    expr: `primacy_heartbeat_write_duration_seconds{${NODE_SELECTOR}}`,
    legend: '{{node}}',
    unit: 's',
  },
  {
    title: 'Synchronous replication suspended',
    description:
      '1 while a primary acknowledges commits without the standbys that its user wants to wait for.',
    expr: `primacy_pg_synchronous_suspended_timestamp_seconds{${NODE_SELECTOR}} > bool 0`,
    legend: '{{node}}',
    unit: 'short',
  },
  {
    title: 'Lag in seconds',
    description: 'Newest heartbeat in the cluster minus the one this standby has replayed, by one clock.',
    expr: `node:primacy_replication_lag_seconds:heartbeat{${LAG_SELECTOR}}`,
    legend: '{{node}}',
    unit: 's',
  },
  {
    title: 'Lag in bytes',
    description: "End of the primary's WAL minus the position this standby has replayed.",
    expr: `node:primacy_replication_lag_bytes:replay{${LAG_SELECTOR}}`,
    legend: '{{node}}',
    unit: 'bytes',
  },
  {
    title: 'WAL written',
    description: 'How fast each primary writes. Two lines at once are two primaries.',
    expr: `deriv(primacy_pg_current_lsn_bytes{${NODE_SELECTOR}}[$__rate_interval])`,
    legend: '{{node}}',
    unit: 'Bps',
  },
  {
    title: 'WAL replayed',
    description:
      'How fast each standby replays. A flat line while the primary writes is a standby that stands still.',
    expr: `deriv(primacy_pg_replay_lsn_bytes{${NODE_SELECTOR}}[$__rate_interval])`,
    legend: '{{node}}',
    unit: 'Bps',
  },
  {
    title: 'VRRP advertisements received',
    description: 'A MASTER that receives any hears another MASTER.',
    expr: `rate(primacy_vrrp_advertisements_received_total{${NODE_SELECTOR}}[$__rate_interval])`,
    legend: '{{node}}',
    unit: 'pps',
  },
  {
    title: 'Scrape',
    description: 'Time each collector of the agent took.',
    expr: `max by (cluster, node, collector) (primacy_scrape_collector_duration_seconds{${NODE_SELECTOR}})`,
    legend: '{{node}}: {{collector}}',
    unit: 's',
  },
];

/** A panel for each measurement. */
export function measurements(): readonly PanelBuilder[] {
  return MEASUREMENTS.map((measurement) => timeSeries(measurement, measurement.unit));
}
