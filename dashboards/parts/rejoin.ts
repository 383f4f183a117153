/** What happens after a loss: whether each node could come back, how its rejoin stands, and what waits in bundles. */
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { REJOIN_PHASES } from '../../src/world/files/rejoin-stage.ts';
import { NODE_SELECTOR, stateNumber } from './expressions.ts';
import { perNode, stateTimeline, type PanelText } from './panels.ts';
import { stateLooks, type StateLook } from './value-mapping.ts';

const CHECK_STATES = ['pass', 'fail', 'unknown'] as const;

const PANELS: readonly (PanelText & { readonly looks: readonly StateLook[] })[] = [
  {
    title: 'Rejoin preflight',
    description: 'What each node would need to come back after it lost its place, looked at every minute.',
    expr: stateNumber('primacy_rejoin_preflight', 'state', CHECK_STATES, ['check']),
    legend: '{{node}}: {{check}}',
    looks: stateLooks(CHECK_STATES, { pass: 'green', fail: 'red', unknown: 'purple' }),
  },
  {
    ...perNode(
      'Rejoin',
      'The phase at which a rejoin of each node stands.',
      stateNumber('primacy_rejoin_phase', 'phase', REJOIN_PHASES),
    ),
    looks: stateLooks(REJOIN_PHASES, {
      none: 'gray',
      accounted: 'yellow',
      rewinding: 'orange',
      rewound: 'yellow',
      started: 'yellow',
    }),
  },
  {
    title: 'Lost transactions that wait',
    description: 'Client transactions in bundles that nobody has replayed or acknowledged, by incident.',
    expr: `max by (cluster, node, incident) (primacy_divergence_lost_transactions{${NODE_SELECTOR}})`,
    legend: '{{node}}: {{incident}}',
    looks: [],
  },
];

/** A panel for each. */
export function rejoinPanels(): readonly PanelBuilder[] {
  return PANELS.map((panel) => stateTimeline(panel, panel.looks));
}
