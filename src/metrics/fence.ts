/** The fence marker that stands on this node. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** 1 with its reason while a marker stands; 0 with an empty reason while none does; nothing where that is unknown. */
export function fenceMetrics(view: ScrapeView): readonly MetricSample[] {
  if (view.fence.kind === 'unknown') return [];
  const marker = view.fence.value;
  return [metric('primacy_fence_active', marker === null ? 0 : 1, { reason: marker?.reason ?? '' })];
}
