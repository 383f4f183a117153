/** One Prometheus query of a panel, sent to whichever data source the reader has chosen. */
import type { DataSourceRef } from '@grafana/grafana-foundation-sdk/common';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';

/** The data source variable, by reference: the dashboard works wherever it is imported. */
export const DATA_SOURCE: DataSourceRef = { type: 'prometheus', uid: '${datasource}' };

/** A range query; `legend` is Grafana's legend format. */
export function query(expr: string, legend: string): DataqueryBuilder {
  return new DataqueryBuilder().refId('A').expr(expr).legendFormat(legend).range();
}
