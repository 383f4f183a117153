/** promtool accepts our rules and passes their tests; each of its checks is seen to fail on a bad sample. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runTool, runToolOnText } from '../support/rules/prometheus-tool.ts';

const rules = join(import.meta.dirname, '../../rules');
const ruleFiles = (await readdir(rules)).filter((name) => name.endsWith('.yml'));
const ruleTests = (await readdir(import.meta.dirname)).filter((name) => name.endsWith('.yml'));

test.each(ruleFiles)('promtool accepts rules/%s', async (name) => {
  expect(await runTool('promtool', ['check', 'rules', name], rules)).toContain('SUCCESS');
});

test.each(ruleTests)('promtool passes the scenarios of %s', async (name) => {
  expect(await runTool('promtool', ['test', 'rules', name], import.meta.dirname)).toContain('SUCCESS');
});

test('promtool refuses a rule that is no PromQL', async () => {
  const text = 'groups: [{ name: a, rules: [{ alert: A, expr: "sum by (" }] }]\n';
  await expect(runToolOnText('promtool', ['check', 'rules'], 'bad.yml', text)).rejects.toThrow('parse error');
});

test('promtool fails a scenario in which an alert fires and none was expected', async () => {
  const text = `
rule_files: [${rules}/node.yml]
evaluation_interval: 1s
tests:
  - interval: 1s
    input_series:
      - { series: 'primacy_fence_active{cluster="main",node="pg1",reason="operator"}', values: 1x9 }
    alert_rule_test:
      - { eval_time: 5s, alertname: NodeFenced }
`;
  await expect(runToolOnText('promtool', ['test', 'rules'], 'bad.yml', text)).rejects.toThrow('FAILED');
});
