/** How often the user's commands ran, and how that ended. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Every result of each event that has a command, from 0; nothing on a witness. */
export function hookMetrics({ hookRuns }: ScrapeView): readonly MetricSample[] {
  return hookRuns.map(({ event, result, count }) =>
    metric('primacy_hook_runs_total', count, { event, result }),
  );
}
