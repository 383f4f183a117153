/** The fleet: one row per cluster, so that a cluster that is not well is seen among many. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { emptyDashboard } from './parts/dashboard.ts';
import { CLUSTER_SELECTOR } from './parts/expressions.ts';
import { stateTimeline, timeSeries, type PanelText } from './parts/panels.ts';
import type { StateLook } from './parts/value-mapping.ts';
import { clusterVariable, dataSourceVariable, jobVariable } from './parts/variables.ts';

const ONE_OF_EACH = [
  { value: 0, text: 'none', color: 'red' },
  { value: 1, text: 'one', color: 'green' },
  { value: 2, text: 'two', color: 'purple' },
  { value: 3, text: 'three', color: 'purple' },
] as const;

const STATES: readonly (PanelText & { readonly looks: readonly StateLook[] })[] = [
  {
    title: 'Primaries',
    description:
      'How many nodes of each cluster are primary, by their own agents or by the others. Two are a split brain.',
    expr: 'max by (cluster) (cluster:primacy_pg_primaries:sum{cluster=~"$cluster"})',
    legend: '{{cluster}}',
    looks: ONE_OF_EACH,
  },
  {
    title: 'Lease holders',
    description: 'How many nodes of each cluster hold the lease. None means that nobody may be primary.',
    expr: `sum by (cluster) (max by (cluster, node) (primacy_lease_held{${CLUSTER_SELECTOR}}))`,
    legend: '{{cluster}}',
    looks: ONE_OF_EACH,
  },
  {
    title: 'VIP holders',
    description: "How many nodes of each cluster have the VIP in their kernel's address list.",
    expr: `sum by (cluster) (max by (cluster, node) (primacy_vip_present{${CLUSTER_SELECTOR}}))`,
    legend: '{{cluster}}',
    looks: ONE_OF_EACH,
  },
  {
    title: 'Alerts',
    description: 'Which alerts fire, and for how long.',
    expr: 'max by (cluster, alertname) (ALERTS{cluster=~"$cluster", alertstate="firing"})',
    legend: '{{cluster}}: {{alertname}}',
    looks: [{ value: 1, text: 'firing', color: 'red' }],
  },
  {
    title: 'Agents',
    description:
      'Whether every agent of the cluster answers. A node that is not seen may be a second primary.',
    expr: `min by (cluster) (up{${CLUSTER_SELECTOR}})`,
    legend: '{{cluster}}',
    looks: [
      { value: 0, text: 'one is silent', color: 'red' },
      { value: 1, text: 'all answer', color: 'green' },
    ],
  },
  {
    title: 'Fenced nodes',
    description: 'How many nodes of each cluster are fenced.',
    expr: `sum by (cluster) (max by (cluster, node) (primacy_fence_active{${CLUSTER_SELECTOR}}))`,
    legend: '{{cluster}}',
    looks: [
      { value: 0, text: 'none', color: 'green' },
      { value: 1, text: 'one', color: 'orange' },
      { value: 2, text: 'two', color: 'red' },
    ],
  },
];

const HEARTBEAT: PanelText = {
  title: 'Heartbeat age',
  description: "The newest heartbeat that any node of the cluster sees, by that node's own clock.",
  expr: `min by (cluster) (primacy_heartbeat_now_timestamp_seconds{${CLUSTER_SELECTOR}} - primacy_heartbeat_stored_timestamp_seconds{${CLUSTER_SELECTOR}})`,
  legend: '{{cluster}}',
};

const LAG: PanelText = {
  title: 'Replication lag',
  description: 'The standby of each cluster that is furthest behind, by the heartbeat it has replayed.',
  expr: 'max by (cluster) (node:primacy_replication_lag_seconds:heartbeat{cluster=~"$cluster"})',
  legend: '{{cluster}}',
};

/** All clusters at a glance. */
export function fleetDashboard(): Dashboard {
  const dashboard = emptyDashboard(
    'Primacy / Fleet',
    'primacy-fleet',
    'All clusters: primaries, VIPs, alerts, lag.',
  ).variables([dataSourceVariable(), jobVariable(), clusterVariable(true)]);
  for (const state of STATES) dashboard.withPanel(stateTimeline(state, state.looks));
  return dashboard.withPanel(timeSeries(HEARTBEAT, 's')).withPanel(timeSeries(LAG, 's')).build();
}
