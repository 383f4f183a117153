/** The checks of rules, rule tests and runbooks are themselves tested: each finds the fault it is there for. */
import { expect, test } from 'vitest';
import { checkAlert } from '../support/rules/check-alert.ts';
import { checkRuleTest } from '../support/rules/check-rule-test.ts';
import { checkRunbook } from '../support/rules/check-runbook.ts';
import {
  matchersInExpression,
  metricsInExposition,
  metricsInExpression,
} from '../support/rules/metric-names.ts';

const goodAlert = {
  alert: 'VipLost',
  expr: 'primacy_vip_present == 0',
  labels: { severity: 'critical' },
  annotations: {
    summary: 'The VIP is lost.',
    description: 'Cluster {{ $labels.cluster }} has no VIP.',
    runbook_url: '{{ $externalLabels.primacy_url }}/runbooks/VipLost',
    dashboard_url: '{{ $externalLabels.primacy_url }}/?cluster={{ $labels.cluster }}',
  },
};

test.each([
  [{}, []],
  [{ alert: 'vip_lost' }, ['its name', 'runbook_url']],
  [{ labels: { severity: 'page' } }, ['severity']],
  [{ labels: { severity: 'info', remediation: 'reboot' } }, ['remediation']],
  [{ annotations: {} }, ['summary', 'description', 'runbook_url', 'dashboard_url']],
  [
    { annotations: { ...goodAlert.annotations, summary: 'The VIP of {{ $labels.node }} is lost.' } },
    ['summary must be the same'],
  ],
])('an alert with %o has the faults %o', (change, faults) => {
  const found = checkAlert({ ...goodAlert, ...change });
  expect(found).toHaveLength(faults.length);
  for (const [index, fault] of faults.entries()) expect(found[index]).toContain(fault);
});

const ruleTest = (...fires: readonly boolean[]): string =>
  JSON.stringify({
    tests: [
      {
        name: 'a story',
        alert_rule_test: fires.map((fire) => ({ alertname: 'VipLost', exp_alerts: fire ? [{}] : [] })),
      },
    ],
  });

test.each([
  [[false, true, false], []],
  [[true, false], ['VipLost: is not silent at first in the first scenario']],
  [[false, true], ['VipLost: does not resolve in the first scenario']],
  [[false], ['VipLost: never fires in the first scenario']],
])('a rule test that fires as %o has the faults %o', (fires, faults) => {
  expect(checkRuleTest('VipLost', ruleTest(...fires))).toEqual(faults);
});

const runbook = (...sections: readonly string[]): string =>
  [
    '# VipLost',
    ...sections.map((section) => `## ${section}\n\nText.`),
    '```sh on=database\nid\n```',
    '',
  ].join('\n\n');

test('a runbook with the four sections and a command is complete', () => {
  expect(checkRunbook('VipLost', runbook('Meaning', 'Impact', 'Diagnosis', 'Mitigation'))).toEqual([]);
});

test.each([
  [runbook('Meaning', 'Diagnosis', 'Impact', 'Mitigation'), 'sections must be'],
  [runbook('Meaning', 'Impact', 'Diagnosis', 'Mitigation', 'Notes'), 'sections must be'],
  [runbook('Meaning', 'Impact', 'Diagnosis', 'Mitigation').replace('# Vip', '# VIP'), 'the title'],
  [runbook('Meaning', 'Impact', 'Diagnosis', 'Mitigation').replace(' on=database', ''), 'each sh block'],
  [runbook('Meaning', 'Impact', 'Diagnosis', 'Mitigation').replace('```sh', '```console'), 'no command'],
])('a runbook with one fault is found out (%#)', (text, fault) => {
  expect(checkRunbook('VipLost', text)).toEqual([expect.stringContaining(fault)]);
});

test('metrics are found in expressions, and recorded series are not taken for metrics', () => {
  expect(
    metricsInExpression('node:primacy_lag:seconds > 1 and sum(primacy_up{a="b"}) or primacy_up'),
  ).toEqual(['primacy_up']);
});

test('metrics are found in an exposition by their series', () => {
  expect(metricsInExposition('# HELP primacy_a Text.\n# TYPE primacy_a gauge\nprimacy_b{x="1"} 1\n')).toEqual(
    ['primacy_b'],
  );
});

test('labels are found with the metric that they are matched on', () => {
  expect(matchersInExpression('sum(primacy_a{b="c", d=~"e"}) by (x) + up{job="y"} + primacy_f')).toEqual([
    'primacy_a: b',
    'primacy_a: d',
  ]);
});
