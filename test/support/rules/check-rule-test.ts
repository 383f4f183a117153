/** What every alert's promtool test must show: silent before it fires, fires, and resolves. */
import { load } from 'js-yaml';
import { z } from 'zod';

const testFile = z.object({
  tests: z.array(
    z.object({
      name: z.string(),
      alert_rule_test: z
        .array(z.object({ alertname: z.string(), exp_alerts: z.array(z.unknown()).default([]) }))
        .default([]),
    }),
  ),
});

/** Faults of the test file of one alert. The first scenario tells the whole story, the others may be about silence. */
export function checkRuleTest(alert: string, text: string): readonly string[] {
  const { tests } = testFile.parse(load(text));
  const story = tests[0]?.alert_rule_test.filter((step) => step.alertname === alert) ?? [];
  const fires = story.map((step) => step.exp_alerts.length > 0);
  const rules: readonly [boolean, string][] = [
    [fires.includes(true), 'never fires in the first scenario'],
    [fires[0] === false, 'is not silent at first in the first scenario'],
    [fires.at(-1) === false, 'does not resolve in the first scenario'],
  ];
  return rules.filter(([met]) => !met).map(([, fault]) => `${alert}: ${fault}`);
}
