/** What every alert must have: severity, a known playbook or none, and words that lead a person on. */
import type { Alert } from './alert.ts';

const SEVERITIES = ['critical', 'warning', 'info'];
const PLAYBOOKS = ['fence-loser', 'release-vip', 'rejoin-fenced'];
const PAGE = '{{ $externalLabels.primacy_url }}';

/** Every fault found, each as a sentence that names the alert; empty where all is well. */
export function checkAlert({ alert, labels, annotations }: Alert): readonly string[] {
  const { severity, remediation } = labels;
  const { summary, description, runbook_url: runbook, dashboard_url: dashboard } = annotations;
  const rules: readonly [boolean, string][] = [
    [/^([A-Z][a-z]+)+$/.test(alert), 'its name is not in CamelCase'],
    [SEVERITIES.includes(severity ?? ''), `severity must be one of ${SEVERITIES.join(', ')}`],
    [
      remediation === undefined || PLAYBOOKS.includes(remediation),
      `remediation must be one of ${PLAYBOOKS.join(', ')}`,
    ],
    [summary?.endsWith('.') ?? false, 'summary must be a sentence'],
    [!(summary ?? '').includes('{{'), 'summary must be the same for every instance'],
    [description?.includes('$labels.cluster') ?? false, 'description must name the cluster'],
    [runbook === `${PAGE}/runbooks/${alert}`, 'runbook_url must be the page of this alert'],
    [dashboard === `${PAGE}/?cluster={{ $labels.cluster }}`, "dashboard_url must be the cluster's page"],
  ];
  return rules.filter(([met]) => !met).map(([, fault]) => `${alert}: ${fault}`);
}
