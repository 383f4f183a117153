/** The families of rejoin.ts: preflight, stage, failure, and the bundles that wait. */
import { gauge, type MetricFamily } from './metric-family.ts';

export const rejoinFamilies: readonly MetricFamily[] = [
  gauge(
    'primacy_rejoin_preflight',
    ['check', 'state'],
    '1 for the state (pass, fail, unknown) of each thing that a rejoin of this node would need; looked at every minute.',
  ),
  gauge('primacy_rejoin_preflight_timestamp_seconds', [], 'When that was looked at.'),
  gauge(
    'primacy_pg_timeline_begin_info',
    ['timeline', 'hash'],
    'Always 1; hash of the first bytes of the timeline, which differ where two promotions began it at one position.',
  ),
  gauge(
    'primacy_rejoin_phase',
    ['phase'],
    '1 for the phase at which a rejoin of this node stands: none, accounted, rewinding, rewound, started.',
  ),
  gauge(
    'primacy_rejoin_begin_timestamp_seconds',
    [],
    'When the rejoin that is under way began; 0 while there is none.',
  ),
  gauge(
    'primacy_rejoin_failure_timestamp_seconds',
    [],
    'When the last rejoin of this node failed; 0 where it succeeded, or there was none.',
  ),
  gauge(
    'primacy_salvage_bundles',
    ['state'],
    'Salvage bundles on this node: waiting (client transactions that nobody replayed or acknowledged) and settled.',
  ),
  gauge(
    'primacy_salvage_oldest_waiting_timestamp_seconds',
    [],
    'When the oldest waiting bundle was made; 0 where none waits.',
  ),
  gauge(
    'primacy_divergence_lost_transactions',
    ['incident'],
    'Client transactions in a waiting bundle, which the primary does not have; the newest 20 bundles.',
  ),
  gauge('primacy_divergence_lost_bytes', ['incident'], 'WAL in a waiting bundle, from the fork on.'),
];
