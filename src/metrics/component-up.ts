/** Which parts of the node answered in this scrape. */
import type { Known } from '../core/model/known.ts';
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** One series per part that this node has; 0 is a fact (it did not answer), not a guess. */
export function componentUpMetrics(view: ScrapeView): readonly MetricSample[] {
  const up = (component: string, answer: Known<unknown>): MetricSample =>
    metric('primacy_up', answer.kind === 'known' ? 1 : 0, { component });
  return [
    ...(view.postgres === null ? [] : [up('postgres', view.postgres.sample)]),
    ...(view.keepalived === null ? [] : [up('keepalived', view.keepalived)]),
    up('kernel', view.vipPresent),
  ];
}
