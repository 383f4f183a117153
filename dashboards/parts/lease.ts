/** The lease of one cluster: who holds it, who is heard, what guards it, and whether a failover would be accepted now. */
import type { PanelBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { DUTIES } from '../../src/core/guard/duty.ts';
import { NODE_SELECTOR, stateNumber } from './expressions.ts';
import { perNode, stateTimeline, type PanelText } from './panels.ts';
import { stateLooks, type StateLook } from './value-mapping.ts';

const CRITERION_STATES = ['pass', 'fail', 'unknown'] as const;
const YES_NO = (yes: string, no: string, bad: StateLook['color']): readonly StateLook[] => [
  { value: 0, text: no, color: bad },
  { value: 1, text: yes, color: 'green' },
];

/** What people have decided is no fault, and must be seen. */
const PEOPLE = (what: string): readonly StateLook[] => [
  { value: 0, text: 'no', color: 'gray' },
  { value: 1, text: what, color: 'orange' },
];

const PANELS: readonly (PanelText & { readonly looks: readonly StateLook[] })[] = [
  {
    ...perNode(
      'Lease',
      'Which node holds the lease. Two at once never happen; none means that nobody may be primary.',
      `max by (cluster, node) (primacy_lease_held{${NODE_SELECTOR}})`,
    ),
    looks: YES_NO('holds it', 'no', 'gray'),
  },
  {
    ...perNode(
      'Epoch',
      'The newest epoch that each voter knows. It grows with each new holder.',
      `max by (cluster, node) (primacy_lease_epoch{${NODE_SELECTOR}})`,
    ),
    looks: [],
  },
  {
    ...perNode(
      'Duty',
      'What the agent of each node does about its own server.',
      stateNumber('primacy_duty', 'duty', DUTIES),
    ),
    looks: stateLooks(DUTIES, {
      observe: 'gray',
      hold: 'green',
      fence: 'red',
      'step-down': 'red',
      'promote-here': 'orange',
      succeed: 'orange',
      'take-over': 'orange',
      'adopt-lease': 'yellow',
      reclaim: 'orange',
      join: 'yellow',
      follow: 'yellow',
      start: 'yellow',
      wait: 'blue',
    }),
  },
  {
    title: 'Voters heard',
    description:
      'Whether each node hears each other voter. A holder needs more than half of all, itself included.',
    expr: `max by (cluster, node, peer) (primacy_peer_contact{${NODE_SELECTOR}})`,
    legend: '{{node}} hears {{peer}}',
    looks: YES_NO('heard', 'silent', 'red'),
  },
  {
    ...perNode(
      'Paused',
      'Whether each voter has a pause in writing: people are at work, and nobody is promoted.',
      `max by (cluster, node) (primacy_lease_pause_expiry_timestamp_seconds{${NODE_SELECTOR}}) > bool 0`,
    ),
    looks: PEOPLE('paused'),
  },
  {
    ...perNode(
      'Overridden',
      'Whether a node holds the lease by a person’s word, without the voters.',
      `max by (cluster, node) (primacy_lease_override_expiry_timestamp_seconds{${NODE_SELECTOR}}) > bool 0`,
    ),
    looks: PEOPLE('by a person'),
  },
  {
    title: 'Guards',
    description: 'Whether what ends a primary without a lease is at work, beside the agent itself.',
    expr: `max by (cluster, node, guard) (primacy_fence_guard_alive{${NODE_SELECTOR}})`,
    legend: '{{node}}: {{guard}}',
    looks: YES_NO('at work', 'missing', 'red'),
  },
  {
    title: 'Failover',
    description:
      'Every criterion of a failover to each standby, judged all the time. Some fail while the primary lives, as they should.',
    expr: stateNumber('primacy_failover_criterion', 'state', CRITERION_STATES, ['criterion']),
    legend: '{{node}}: {{criterion}}',
    looks: stateLooks(CRITERION_STATES, { pass: 'green', fail: 'red', unknown: 'purple' }),
  },
];

/** A panel for each. */
export function leasePanels(): readonly PanelBuilder[] {
  return PANELS.map((panel) => stateTimeline(panel, panel.looks));
}
