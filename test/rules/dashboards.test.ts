/** The committed dashboards are those that the sources build, and every query in them is PromQL over what is exported. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { dashboards, dashboardText } from '../../dashboards/build.ts';
import { catalogue } from '../../src/metrics/catalogue.ts';
import { readRules } from '../support/rules/alert.ts';
import {
  fillVariables,
  hasConstantFallback,
  readDashboardQueries,
} from '../support/rules/dashboard-queries.ts';
import { metricsInExpression, recordedInExpression } from '../support/rules/metric-names.ts';
import { runToolOnText } from '../support/rules/prometheus-tool.ts';

const folder = join(import.meta.dirname, '../../dashboards');
const texts = Object.entries(dashboards).map(([name, build]) => [name, dashboardText(build())] as const);
const queries = texts.flatMap(([, text]) => readDashboardQueries(text));

test.each(texts)(
  'dashboards/%s.json is what its source builds (node dashboards/build.ts)',
  async (name, text) => {
    expect(await readFile(join(folder, `${name}.json`), 'utf8')).toBe(text);
  },
);

test('no dashboard is committed that nothing builds', async () => {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  expect(files.toSorted()).toEqual(texts.map(([name]) => `${name}.json`).toSorted());
});

test('promtool reads every query', async () => {
  const rules = queries.map(({ expr }, index) => ({ record: `query:${index}`, expr: fillVariables(expr) }));
  const file = JSON.stringify({ groups: [{ name: 'dashboards', rules }] });
  expect(queries.length).toBeGreaterThan(20);
  expect(await runToolOnText('promtool', ['check', 'rules'], 'queries.yml', file)).toContain(
    `${queries.length} rules found`,
  );
});

test('no query shows a number where nothing is known', () => {
  expect(queries.filter(({ expr }) => hasConstantFallback(expr))).toEqual([]);
});

test.each([
  ['sum(primacy_up) or vector(0)', true],
  ['sum(primacy_up) or on (cluster) vector(0)', true],
  ['1 * (primacy_up == 1) or primacy_up', false],
])('the constant fallback in %j is found: %s', (expr, found) => {
  expect(hasConstantFallback(expr)).toBe(found);
});

test('every metric that a query names is in the catalogue, and every recorded series in a rule', async () => {
  const known = new Set(catalogue.map((family) => family.name));
  const { records } = await readRules(join(import.meta.dirname, '../../rules'));
  const expressions = queries.map(({ expr }) => expr);
  expect(expressions.flatMap(metricsInExpression).filter((name) => !known.has(name))).toEqual([]);
  expect(expressions.flatMap(recordedInExpression).filter((name) => !records.includes(name))).toEqual([]);
});

test.each(texts)('%s is read-only, has a stable address and asks the chosen data source', (name, text) => {
  const dashboard: unknown = JSON.parse(text);
  expect(dashboard).toMatchObject({
    id: null,
    uid: `primacy-${name}`,
    editable: false,
    tags: ['postgresql', 'ha', 'primacy'],
  });
  const dataSources = [...text.matchAll(/"uid": "([^"]+)"/g)].map((match) => match[1]);
  expect(new Set(dataSources)).toEqual(new Set([`primacy-${name}`, '${datasource}']));
});
