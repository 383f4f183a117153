/** What we generate for Prometheus and Alertmanager is accepted by their own checkers. */
import { expect, test } from 'vitest';
import { alertmanagerConfiguration } from '../../src/config/generate/alertmanager.ts';
import { prometheusConfiguration } from '../../src/config/generate/prometheus.ts';
import { runToolOnText } from '../support/rules/prometheus-tool.ts';
import { sampleConfig } from '../support/rules/sample-config.ts';

test('promtool accepts prometheus.yml together with our rules', async () => {
  const text = prometheusConfiguration(sampleConfig, {
    rulesGlob: `${import.meta.dirname}/../../rules/*.yml`,
    alertmanager: '192.0.2.9:9093',
    scrapeIntervalSeconds: 1,
    evaluationIntervalSeconds: 1,
  });
  const output = await runToolOnText('promtool', ['check', 'config'], 'prometheus.yml', text);
  expect(output).toContain('7 rule files found');
});

test('promtool refuses a wrong prometheus.yml, so that the test above can fail', async () => {
  await expect(
    runToolOnText('promtool', ['check', 'config'], 'prometheus.yml', 'global: { scrape: 1s }'),
  ).rejects.toThrow('field scrape not found');
});

test('amtool accepts alertmanager.yml', async () => {
  const text = alertmanagerConfiguration(sampleConfig, {
    responderUrl: 'http://192.0.2.9:10188',
    tokenFile: '/etc/primacy/secrets/webhook-token',
  });
  const output = await runToolOnText('amtool', ['check-config'], 'alertmanager.yml', text);
  expect(output).toContain('SUCCESS');
});

test('amtool refuses a timeout, which version 0.25 does not know', async () => {
  const text =
    'route: { receiver: a }\nreceivers: [{ name: a, webhook_configs: [{ url: "http://a", timeout: 1s }] }]\n';
  await expect(runToolOnText('amtool', ['check-config'], 'alertmanager.yml', text)).rejects.toThrow(
    'field timeout not found',
  );
});
