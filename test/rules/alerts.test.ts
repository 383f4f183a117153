/** One alert = one rule test = one runbook = metrics that the agent really exports. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { catalogue } from '../../src/metrics/catalogue.ts';
import { readRules } from '../support/rules/alert.ts';
import { checkAlert } from '../support/rules/check-alert.ts';
import { checkRuleTest } from '../support/rules/check-rule-test.ts';
import { checkRunbook } from '../support/rules/check-runbook.ts';
import {
  matchersInExpression,
  metricsInExposition,
  metricsInExpression,
  TARGET_LABELS,
} from '../support/rules/metric-names.ts';

const root = join(import.meta.dirname, '../..');
const { alerts, expressions } = await readRules(join(root, 'rules'));
const names = alerts.map((alert) => alert.alert);
const baseNames = async (folder: string, ending: string): Promise<readonly string[]> =>
  (await readdir(join(root, folder)))
    .filter((name) => name.endsWith(ending))
    .map((name) => name.slice(0, -ending.length));

test('the alerts are those that were promised', () => {
  expect(names.toSorted()).toEqual([
    'AgentDown',
    'ClusterPaused',
    'CommitsWaitForStandby',
    'ConfigurationDiffers',
    'FailoverBlocked',
    'FailoverHappened',
    'FenceGuardMissing',
    'HeartbeatStale',
    'HistoryForked',
    'KeepalivedDown',
    'KeepalivedFault',
    'LeaseNotHeld',
    'LeaseOverridden',
    'LeaseQuorumAtRisk',
    'LogicalSlotLost',
    'NodeFenced',
    'PostgresDualPrimary',
    'PostgresNoPrimary',
    'PostgresRoleUnknown',
    'PrimaryWithoutLease',
    'RejoinFailed',
    'RejoinPreflightFailing',
    'ReloadRefused',
    'ReplicationBroken',
    'ReplicationLagHigh',
    'SalvageWaiting',
    'SlotHoldsWal',
    'SynchronousSuspended',
    'VipConflict',
    'VipMissing',
    'VipOnStandby',
    'VoterBroken',
    'VotesRefused',
    'VrrpDualMaster',
  ]);
});

test('every alert has its labels and annotations', () => {
  expect(alerts.flatMap(checkAlert)).toEqual([]);
});

test('every alert has a rule test of its own, and there is none without an alert', async () => {
  expect((await baseNames('test/rules', '.yml')).toSorted()).toEqual(names.toSorted());
});

test('every alert has a runbook, and there is none without an alert', async () => {
  expect((await baseNames('runbooks', '.md')).toSorted()).toEqual(names.toSorted());
});

test.each(names)('%s is silent before it fires, and its runbook is complete', async (name) => {
  const ruleTest = await readFile(join(root, 'test/rules', `${name}.yml`), 'utf8');
  const runbook = await readFile(join(root, 'runbooks', `${name}.md`), 'utf8');
  expect([...checkRuleTest(name, ruleTest), ...checkRunbook(name, runbook)]).toEqual([]);
});

test('every metric that a rule names is in the catalogue', () => {
  const known = new Set(catalogue.map((family) => family.name));
  const used = expressions.flatMap(metricsInExpression);
  expect(used.length).toBeGreaterThan(10);
  expect(used.filter((name) => !known.has(name))).toEqual([]);
});

test('every label that a rule matches is one of its metric or of the scrape target', () => {
  const known = new Set(
    catalogue.flatMap(({ name, labels }) =>
      [...labels, ...TARGET_LABELS].map((label) => `${name}: ${label}`),
    ),
  );
  const used = expressions.flatMap(matchersInExpression);
  expect(used.length).toBeGreaterThan(5);
  expect(used.filter((matcher) => !known.has(matcher))).toEqual([]);
});

test('no metric has a label that the scrape target has already, except the one that tells who the node is', () => {
  const colliding = catalogue.filter(({ labels }) => labels.some((label) => TARGET_LABELS.includes(label)));
  expect(colliding.map(({ name }) => name)).toEqual(['primacy_node_info']);
});

test("every metric that a rule names is in the exporter's golden output", async () => {
  const fixtures = join(root, 'test/unit/metrics/fixtures');
  const files = (await readdir(fixtures)).filter((name) => /^golden.*\.txt$/.test(name));
  const texts = await Promise.all(files.map((name) => readFile(join(fixtures, name), 'utf8')));
  const exported = new Set(texts.flatMap(metricsInExposition));
  expect(expressions.flatMap(metricsInExpression).filter((name) => !exported.has(name))).toEqual([]);
});
