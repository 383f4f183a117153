/** What a metric family is declared by. */

export interface MetricFamily {
  readonly name: string;
  readonly type: 'gauge' | 'counter';
  readonly labels: readonly string[];
  readonly help: string;
}

export const gauge = (name: string, labels: readonly string[], help: string): MetricFamily => ({
  name,
  type: 'gauge',
  labels,
  help,
});
export const counter = (name: string, labels: readonly string[], help: string): MetricFamily => ({
  name,
  type: 'counter',
  labels,
  help,
});
