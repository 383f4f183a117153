/** The choices at the top of a dashboard, in the order of the ecosystem: data source, job, cluster, instance. */
import {
  DatasourceVariableBuilder,
  QueryVariableBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DATA_SOURCE } from './query.ts';

/** Which Prometheus. */
export function dataSourceVariable(): DatasourceVariableBuilder {
  return new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus');
}

/** Which scrape job; `primacy` in the configuration that we generate. */
export function jobVariable(): QueryVariableBuilder {
  return labelVariable('job', 'Job', 'primacy_build_info');
}

/** Which clusters; several at once in the fleet, one in the cluster dashboard. */
export function clusterVariable(several: boolean): QueryVariableBuilder {
  const variable = labelVariable('cluster', 'Cluster', 'primacy_build_info{job=~"$job"}');
  return several ? variable.multi(true).includeAll(true) : variable;
}

/** Which nodes. */
export function instanceVariable(): QueryVariableBuilder {
  return labelVariable('instance', 'Instance', 'primacy_build_info{job=~"$job", cluster=~"$cluster"}')
    .multi(true)
    .includeAll(true);
}

function labelVariable(name: string, label: string, series: string): QueryVariableBuilder {
  const definition = `label_values(${series}, ${name})`;
  const variable = new QueryVariableBuilder(name)
    .label(label)
    .datasource(DATA_SOURCE)
    .definition(definition)
    .query({ query: definition, refId: name })
    .refresh(VariableRefresh.OnTimeRangeChanged);
  // oxlint-disable-next-line unicorn/no-array-sort -- the builder's own method
  return variable.sort(VariableSort.AlphabeticalAsc);
}
