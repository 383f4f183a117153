/** Whether each collector of this scrape ended in time and without an error, and how long it took. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Success and duration of every collector, always, also of those that failed. */
export function collectorStatusMetrics(view: ScrapeView): readonly MetricSample[] {
  return view.collectors.flatMap(({ name, success, seconds }) => [
    metric('primacy_scrape_collector_success', success ? 1 : 0, { collector: name }),
    metric('primacy_scrape_collector_duration_seconds', seconds, { collector: name }),
  ]);
}
