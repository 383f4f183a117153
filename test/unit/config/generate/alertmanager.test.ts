/** alertmanager.yml: alerts of our clusters reach the webhook at once, grouped by cluster and alert. */
import { load } from 'js-yaml';
import { expect, test } from 'vitest';
import { alertmanagerConfiguration } from '../../../../src/config/generate/alertmanager.ts';
import { sampleConfig } from '../../../support/rules/sample-config.ts';

const configuration = load(
  alertmanagerConfiguration(sampleConfig, {
    responderUrl: 'http://192.0.2.9:10188/',
    tokenFile: '/etc/primacy/secrets/webhook-token',
  }),
);

test('only alerts of the configured clusters go to the responder', () => {
  expect(configuration).toMatchObject({
    route: {
      receiver: 'nobody',
      routes: [{ receiver: 'primacy-responder', matchers: ['cluster=~"main|other"'] }],
    },
  });
});

test('a notification is sent at once and holds one alert of one cluster', () => {
  expect(configuration).toMatchObject({
    route: { routes: [{ group_by: ['cluster', 'alertname'], group_wait: '0s', group_interval: '1s' }] },
  });
});

test('the webhook is called with the token from its file, and told of the end too', () => {
  expect(configuration).toMatchObject({
    receivers: [
      { name: 'nobody' },
      {
        name: 'primacy-responder',
        webhook_configs: [
          {
            url: 'http://192.0.2.9:10188/api/v1/webhook',
            send_resolved: true,
            http_config: {
              authorization: { type: 'Bearer', credentials_file: '/etc/primacy/secrets/webhook-token' },
            },
          },
        ],
      },
    ],
  });
});

test('no alert that asks for a repair is ever inhibited', () => {
  const rules = JSON.stringify((configuration as { inhibit_rules: unknown }).inhibit_rules);
  for (const alert of [
    'PostgresDualPrimary',
    'PrimaryWithoutLease',
    'VipOnStandby',
    'VipConflict',
    'NodeFenced',
  ]) {
    expect(rules).not.toContain(alert);
  }
});

test('what follows from a missing primary or lease is not told beside it', () => {
  expect(configuration).toMatchObject({
    inhibit_rules: [
      {
        source_matchers: ['alertname=~"PostgresNoPrimary|LeaseNotHeld"'],
        target_matchers: [expect.stringContaining('VipMissing')],
        equal: ['cluster'],
      },
      {
        source_matchers: ['alertname="ClusterPaused"'],
        target_matchers: [expect.not.stringMatching(/NoPrimary|LeaseNotHeld|Heartbeat|Vip/)],
        equal: ['cluster'],
      },
    ],
  });
});
