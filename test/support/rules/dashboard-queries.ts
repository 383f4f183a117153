/** Finds every query of a generated dashboard and fills in Grafana's variables, so that Prometheus can be asked. */
import { z } from 'zod';

export interface DashboardQuery {
  /** Where the query stands, for messages. */
  readonly panel: string;
  readonly expr: string;
}

const target = z.object({ expr: z.string() });
const dashboard = z.object({
  title: z.string(),
  annotations: z.object({ list: z.array(z.object({ name: z.string(), target })).default([]) }),
  panels: z.array(z.object({ title: z.string(), targets: z.array(target).min(1) })).min(1),
});

/** All queries of panels and annotations, as written. */
export function readDashboardQueries(json: string): readonly DashboardQuery[] {
  const { title, panels, annotations } = dashboard.parse(JSON.parse(json));
  return [
    ...panels.flatMap((panel) =>
      panel.targets.map(({ expr }) => ({ panel: `${title}: ${panel.title}`, expr })),
    ),
    ...annotations.list.map((mark) => ({
      panel: `${title}: mark ${mark.name}`,
      expr: mark.target.expr,
    })),
  ];
}

/** The query as Grafana sends it when everything is chosen. Throws on a variable that nobody defines. */
export function fillVariables(expr: string): string {
  return expr.replaceAll(/\$\w+/g, (variable) => {
    switch (variable) {
      case '$job':
      case '$cluster':
      case '$instance':
        return '.+';
      case '$__rate_interval':
        return '10s';
      default:
        throw new Error(`cannot fill in ${variable}: no dashboard defines it`);
    }
  });
}

/** True for a query that shows a number where nothing is known; a bare number after `or` is no PromQL at all. */
export function hasConstantFallback(expr: string): boolean {
  return /\b(vector|absent)\s*\(/.test(expr);
}
