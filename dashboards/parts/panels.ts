/** The two kinds of panels we use: states over time as coloured bars, and measurements as lines. */
import { PanelBuilder as StateTimelineBuilder } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as TimeSeriesBuilder } from '@grafana/grafana-foundation-sdk/timeseries';
import { DATA_SOURCE, query } from './query.ts';
import { valueMappings, type StateLook } from './value-mapping.ts';

export interface PanelText {
  readonly title: string;
  /** What the reader can learn from it, in one sentence. */
  readonly description: string;
  readonly expr: string;
  readonly legend: string;
}

/** A panel with one row or line per node. */
export function perNode(title: string, description: string, expr: string): PanelText {
  return { title, description, expr, legend: '{{node}}' };
}

const HALF_WIDTH = 12;
const HEIGHT = 7;

/** Bars, one row per series. Gaps mean that nothing is known, so they are never bridged. */
export function stateTimeline(text: PanelText, looks: readonly StateLook[]): StateTimelineBuilder {
  return new StateTimelineBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATA_SOURCE)
    .withTarget(query(text.expr, text.legend))
    .mappings(valueMappings(looks))
    .mergeValues(true)
    .span(HALF_WIDTH)
    .height(HEIGHT);
}

/** Lines, with a Grafana unit such as `s` or `bytes`. */
export function timeSeries(text: PanelText, unit: string): TimeSeriesBuilder {
  return new TimeSeriesBuilder()
    .title(text.title)
    .description(text.description)
    .datasource(DATA_SOURCE)
    .withTarget(query(text.expr, text.legend))
    .unit(unit)
    .min(0)
    .span(HALF_WIDTH)
    .height(HEIGHT);
}
