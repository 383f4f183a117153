/** Which history the server is on: system identifier, timeline, where it branched, and a hash of the full history text. */
import { createHash } from 'node:crypto';
import { parseHistory, type HistoryEntry } from '../core/model/timeline.ts';
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** Identity of the history, as far as it was seen. Equal timeline numbers prove nothing, so the text's hash goes with them. */
export function pgHistoryMetrics(view: ScrapeView): readonly MetricSample[] {
  if (view.postgres === null || view.postgres.sample.kind === 'unknown') return [];
  const { systemIdentifier, timeline, history } = view.postgres.sample.value;
  return [
    metric('primacy_pg_system_identifier_info', 1, { system_identifier: systemIdentifier }),
    ...(timeline.kind === 'known' ? [metric('primacy_pg_timeline_id', timeline.value)] : []),
    ...(timeline.kind === 'known' && history.kind === 'known'
      ? historyMetrics(timeline.value, history.value)
      : []),
  ];
}

function historyMetrics(timeline: number, text: string): readonly MetricSample[] {
  const hash = createHash('sha256').update(text).digest('hex');
  const ancestors = parseHistory(text);
  const parent = ancestors.at(-1);
  return [
    metric('primacy_pg_timeline_history_info', 1, { timeline: String(timeline), hash }),
    ...ancestorMetrics(timeline, ancestors),
    ...(parent === undefined
      ? []
      : [
          metric('primacy_pg_timeline_parent_id', parent.timeline),
          metric('primacy_pg_timeline_switch_lsn_bytes', Number(parent.switchLsn)),
        ]),
  ];
}

/** A cluster that changed its primary often has a long history; forks are found among the newest branches. */
const ANCESTORS_MAX = 32;

function ancestorMetrics(timeline: number, ancestors: readonly HistoryEntry[]): readonly MetricSample[] {
  return ancestors
    .map(({ timeline: left, switchLsn }, index) =>
      metric('primacy_pg_timeline_ancestor_switch_lsn_bytes', Number(switchLsn), {
        timeline: String(left),
        next: String(ancestors[index + 1]?.timeline ?? timeline),
      }),
    )
    .slice(-ANCESTORS_MAX);
}
