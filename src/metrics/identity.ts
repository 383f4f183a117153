/** What runs here and which node of which cluster it is. */
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Build and node information, always 1. */
export function identityMetrics(view: ScrapeView): readonly MetricSample[] {
  return [
    metric('primacy_build_info', 1, { version: view.version, node_version: view.nodeVersion }),
    metric('primacy_node_info', 1, { cluster: view.cluster, node: view.node, kind: view.kind }),
  ];
}
