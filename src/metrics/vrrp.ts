/** What keepalived says of its VRRP instance: state, priority and counters, with the moment it said so. */
import { VRRP_STATES } from '../core/model/observation.ts';
import { VRRP_ERROR_KINDS } from '../world/keepalived/json.ts';
import { metric, stateSet, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Nothing at all where keepalived did not answer: its last words are no state. */
export function vrrpMetrics(view: ScrapeView): readonly MetricSample[] {
  if (view.keepalived === null || view.keepalived.kind === 'unknown') return [];
  const data = view.keepalived.value;
  const labels = { vrrp_instance: view.vrrpInstance };
  return [
    ...stateSet('primacy_vrrp_state', 'state', VRRP_STATES, data.state, labels),
    metric('primacy_vrrp_effective_priority', data.effectivePriority, labels),
    metric('primacy_vrrp_advertisements_received_total', data.advertisementsReceived, labels),
    metric('primacy_vrrp_advertisements_sent_total', data.advertisementsSent, labels),
    metric('primacy_vrrp_became_master_total', data.becameMaster, labels),
    metric('primacy_vrrp_released_master_total', data.releasedMaster, labels),
    // Not `kind`: that is a label of the scrape target, and Prometheus would rename ours.
    ...VRRP_ERROR_KINDS.map((error) =>
      metric('primacy_vrrp_errors_total', data.errors[error], { ...labels, error }),
    ),
    metric('primacy_vrrp_last_transition_timestamp_seconds', data.lastTransition, labels),
    metric('primacy_keepalived_data_timestamp_seconds', data.writtenAt),
  ];
}
