/** `primacy plan`: the dry run. What the responder would do now, or why it does nothing. */
import type { Command } from 'commander';
import type { PlanDocument } from '../responder/read/documents.ts';
import { addAskOptions, askResponder, type AskOptions } from './ask/ask-responder.ts';
import { printJson, printLines } from './ask/print.ts';

/** Adds options and action. Exit code 0 where there is a plan or nothing to do, 1 where there is a refusal. */
export function configure(command: Command): void {
  addAskOptions(command);
  command
    .addHelpText('after', '\nExample:\n  primacy plan --cluster main --json')
    .action(async (options: AskOptions) => {
      const answer = await askResponder<{ readonly clusters: readonly PlanDocument[] }>('plan', options);
      if (options.json === true) printJson(answer);
      else printLines(answer.clusters.flatMap(describe));
      process.exitCode = answer.clusters.some((it) => it.decision.kind === 'refusal') ? 1 : 0;
    });
}

function describe(document: PlanDocument): readonly string[] {
  const { cluster, decision, policy, steps, digest } = document;
  switch (decision.kind) {
    case 'nothing-to-do':
      return [`Cluster ${cluster}: nothing to do.`];
    case 'refusal':
      return [`Cluster ${cluster}: no plan for ${decision.finding} (${decision.code}): ${decision.reason}.`];
    case 'plan':
      return [
        `Cluster ${cluster}: ${decision.playbook} (policy ${policy}, plan ${(digest ?? '').slice(0, 12)}):`,
        ...steps.map((step, index) => `  ${index + 1}. ${step}`),
        ...decision.because.map((line) => `  Because ${line}.`),
      ];
  }
}
