/** One cluster: what each node is, who has the VIP, which history each follows, and how far behind it is. */
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { VRRP_STATES } from '../src/core/model/observation.ts';
import { ROLES } from '../src/core/model/role.ts';
import { emptyDashboard } from './parts/dashboard.ts';
import { NODE_SELECTOR, stateNumber } from './parts/expressions.ts';
import { leasePanels } from './parts/lease.ts';
import { measurements } from './parts/measurements.ts';
import { perNode, stateTimeline, type PanelText } from './parts/panels.ts';
import { rejoinPanels } from './parts/rejoin.ts';
import { stateLooks, type StateLook } from './parts/value-mapping.ts';
import { vipMoves } from './parts/annotations.ts';
import { clusterVariable, dataSourceVariable, instanceVariable, jobVariable } from './parts/variables.ts';

const STATES: readonly (PanelText & { readonly looks: readonly StateLook[] })[] = [
  {
    ...perNode(
      'Role',
      'What PostgreSQL on each node says it is. A gap means that the agent did not answer.',
      stateNumber('primacy_pg_role', 'role', ROLES),
    ),
    looks: stateLooks(ROLES, {
      primary: 'green',
      standby: 'blue',
      starting: 'yellow',
      down: 'red',
      unknown: 'purple',
    }),
  },
  {
    ...perNode(
      'VIP',
      "Whether the VIP is in the kernel's address list, whatever keepalived says.",
      `max by (cluster, node) (primacy_vip_present{${NODE_SELECTOR}})`,
    ),
    looks: [
      { value: 0, text: 'not here', color: 'gray' },
      { value: 1, text: 'here', color: 'green' },
    ],
  },
  {
    ...perNode(
      'VRRP',
      "keepalived's state. FAULT is normal on a node whose gate is closed.",
      stateNumber('primacy_vrrp_state', 'state', VRRP_STATES),
    ),
    looks: stateLooks(VRRP_STATES, { INIT: 'yellow', BACKUP: 'blue', MASTER: 'green', FAULT: 'gray' }),
  },
  {
    ...perNode(
      'Gate',
      'Whether the agent lets keepalived carry the VIP.',
      `max by (cluster, node) (primacy_gate_open{${NODE_SELECTOR}})`,
    ),
    looks: [
      { value: 0, text: 'closed', color: 'gray' },
      { value: 1, text: 'open', color: 'green' },
    ],
  },
  {
    ...perNode(
      'Timeline',
      'The branch of history each node writes or receives. Equal numbers do not prove equal histories.',
      `max by (cluster, node) (primacy_pg_timeline_id{${NODE_SELECTOR}})`,
    ),
    looks: [],
  },
  {
    ...perNode(
      'Fence',
      'Whether a fence marker stands on the node.',
      `max by (cluster, node) (primacy_fence_active{${NODE_SELECTOR}})`,
    ),
    looks: [
      { value: 0, text: 'in service', color: 'green' },
      { value: 1, text: 'fenced', color: 'orange' },
    ],
  },
];

/** One cluster in detail. */
export function clusterDashboard(): Dashboard {
  const dashboard = emptyDashboard(
    'Primacy / Cluster',
    'primacy-cluster',
    'One cluster: role, VIP, VRRP, lease, timeline, heartbeat and lag of each node.',
  )
    .variables([dataSourceVariable(), jobVariable(), clusterVariable(false), instanceVariable()])
    .annotation(vipMoves());
  for (const state of STATES) dashboard.withPanel(stateTimeline(state, state.looks));
  for (const panel of leasePanels()) dashboard.withPanel(panel);
  for (const panel of rejoinPanels()) dashboard.withPanel(panel);
  for (const panel of measurements()) dashboard.withPanel(panel);
  return dashboard.build();
}
