/** The whole exposition against a committed text: what rules, dashboards and users rely on cannot change unseen. PRIMACY_REFRESH_GOLDEN=1 rewrites it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { catalogue } from '../../../src/metrics/catalogue.ts';
import { createExposition } from '../../../src/metrics/exposition.ts';
import { metricsOf } from '../../../src/metrics/families.ts';
import { metric } from '../../../src/metrics/sample.ts';
import type { ScrapeView } from '../../../src/metrics/view.ts';
import { primaryView, silentView, standbyView } from './fixtures/views.ts';

const goldenFile = join(import.meta.dirname, 'fixtures', 'golden.txt');
const expose = createExposition();
const print = async (view: ScrapeView): Promise<string> => (await expose(metricsOf(view), 'text')).body;

describe('the exposition', () => {
  test('of a primary and a fenced standby is the committed golden text', async () => {
    const actual = `# Primary.\n${await print(primaryView)}\n# Standby, fenced.\n${await print(standbyView)}`;
    if (process.env['PRIMACY_REFRESH_GOLDEN'] === '1') writeFileSync(goldenFile, actual);
    expect(actual).toBe(readFileSync(goldenFile, 'utf8'));
  });

  test('has a value for every family of the catalogue in the golden text', () => {
    const golden = readFileSync(goldenFile, 'utf8');
    for (const { name } of catalogue) expect(golden).toMatch(new RegExp(`^${name}[{ ]`, 'm'));
  });

  test('leaves out what is unknown instead of printing 0, and still says which role: unknown', async () => {
    const samples = (await print(silentView))
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(samples).toEqual([
      'primacy_build_info{version="0.1.0",node_version="v24.21.0"} 1',
      'primacy_node_info{cluster="main",node="pg1",kind="database"} 1',
      'primacy_up{component="postgres"} 0',
      'primacy_up{component="keepalived"} 0',
      'primacy_up{component="kernel"} 0',
      'primacy_scrape_collector_success{collector="postgres"} 0',
      'primacy_scrape_collector_duration_seconds{collector="postgres"} 0.8',
      'primacy_pg_role{role="primary"} 0',
      'primacy_pg_role{role="standby"} 0',
      'primacy_pg_role{role="starting"} 0',
      'primacy_pg_role{role="down"} 0',
      'primacy_pg_role{role="unknown"} 1',
      'primacy_config_last_reload_successful 1',
      'primacy_config_last_reload_success_timestamp_seconds 1700000000',
    ]);
  });

  test('prints nothing of an earlier scrape', async () => {
    await print(primaryView);
    expect(await print(silentView)).not.toContain('primacy_pg_timeline_id 2');
  });

  test('does not mix two scrapes that are printed at the same time', async () => {
    const [first, second] = await Promise.all([print(primaryView), print(standbyView)]);
    expect(first).toContain('primacy_pg_role{role="primary"} 1');
    expect(second).toContain('primacy_pg_role{role="standby"} 1');
  });

  test('is OpenMetrics when asked: counters without suffix in TYPE, EOF at the end', async () => {
    const { contentType, body } = await expose(metricsOf(primaryView), 'openmetrics');
    expect(contentType).toContain('application/openmetrics-text; version=1.0.0');
    expect(body).toContain('# TYPE primacy_vrrp_advertisements_sent counter');
    expect(body).toContain('primacy_vrrp_advertisements_sent_total{vrrp_instance="primacy"} 1800');
    expect(body.endsWith('\n# EOF\n')).toBe(true);
  });

  test('refuses a family that the catalogue does not have', async () => {
    await expect(expose([metric('primacy_invented', 1)], 'text')).rejects.toThrow('primacy_invented');
  });
});
