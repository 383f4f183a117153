/** How the last reload of the configuration ended. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

export function configMetrics({ reload }: ScrapeView): readonly MetricSample[] {
  return [
    metric('primacy_config_last_reload_successful', reload.successful ? 1 : 0),
    metric('primacy_config_last_reload_success_timestamp_seconds', reload.succeededAt),
  ];
}
