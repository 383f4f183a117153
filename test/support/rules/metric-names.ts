/** Finds the names of our metrics in expressions and in what an exporter prints. */

/** Names in PromQL; recorded series carry colons and are not metrics of the agent. */
export function metricsInExpression(expression: string): readonly string[] {
  return [...new Set(expression.match(/(?<![:\w])primacy_\w+(?![:\w])/g))];
}

/** Recorded series in PromQL, `level:metric:operation`. */
export function recordedInExpression(expression: string): readonly string[] {
  return [...new Set(expression.match(/\b\w+:primacy_\w+:\w+/g))];
}

/** Names of the series in an exposition, whether or not they are announced by a TYPE line. */
export function metricsInExposition(text: string): readonly string[] {
  const names = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => /^\w+/.exec(line)?.[0] ?? line);
  return [...new Set(names)];
}

/** Labels that a scrape target brings along; the exporter must not use them for anything else. */
export const TARGET_LABELS: readonly string[] = ['job', 'instance', 'cluster', 'node', 'kind'];

/** Each label that an expression matches on one of our metrics, as `metric: label`. */
export function matchersInExpression(expression: string): readonly string[] {
  const selectors = [...expression.matchAll(/(?<![:\w])(primacy_\w+)\{([^}]*)\}/g)];
  return selectors.flatMap(([, metric, matchers = '']) =>
    [...matchers.matchAll(/(\w+)\s*(?:=~|!~|!=|=)\s*"/g)].map(([, label]) => `${metric}: ${label}`),
  );
}
