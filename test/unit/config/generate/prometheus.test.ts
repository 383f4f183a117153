/** prometheus.yml: every node is a target that says which cluster and node it is. */
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { prometheusConfiguration } from '../../../../src/config/generate/prometheus.ts';
import { sampleConfig } from '../../../support/rules/sample-config.ts';

const generate = (scrapeIntervalSeconds: number) =>
  load(
    prometheusConfiguration(sampleConfig, {
      rulesGlob: '/etc/primacy/rules/*.yml',
      alertmanager: '192.0.2.9:9093',
      scrapeIntervalSeconds,
      evaluationIntervalSeconds: 1,
    }),
  );

test('every node of every cluster is scraped once, at its first address, with its names as labels', () => {
  expect(generate(1)).toMatchObject({
    scrape_configs: [
      {
        job_name: 'primacy',
        static_configs: [
          { targets: ['192.0.2.1:10187'], labels: { cluster: 'main', node: 'pg1', kind: 'database' } },
          { targets: ['[2001:db8::2]:10187'], labels: { cluster: 'main', node: 'pg2', kind: 'database' } },
          { targets: ['192.0.2.3:10187'], labels: { cluster: 'main', node: 'witness', kind: 'witness' } },
          { targets: ['192.0.2.11:10190'], labels: { cluster: 'other', node: 'db1', kind: 'database' } },
        ],
      },
    ],
  });
});

test('a scrape may take as long as the interval, but never more than ten seconds', () => {
  expect(generate(1)).toMatchObject({ global: { scrape_interval: '1s', scrape_timeout: '1s' } });
  expect(generate(15)).toMatchObject({ global: { scrape_interval: '15s', scrape_timeout: '10s' } });
});

test("the page's address is known to annotations and kept out of the identity of alerts", () => {
  expect(generate(1)).toMatchObject({
    global: { external_labels: { primacy_url: 'http://primacy.example:10188' } },
    alerting: { alert_relabel_configs: [{ regex: 'primacy_url', action: 'labeldrop' }] },
  });
});
