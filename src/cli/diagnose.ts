/** `primacy diagnose`: what is wrong, and what that rests on. */
import type { Command } from 'commander';
import { FINDING_MEANING } from '../core/diagnose/finding.ts';
import type { DiagnosisDocument } from '../responder/read/documents.ts';
import { addAskOptions, askResponder, type AskOptions } from './ask/ask-responder.ts';
import { printJson, printLines } from './ask/print.ts';

/** Adds options and action. Exit code 0 where nothing was found, else 1. */
export function configure(command: Command): void {
  addAskOptions(command);
  command
    .addHelpText('after', '\nExample:\n  primacy diagnose --cluster main')
    .action(async (options: AskOptions) => {
      const answer = await askResponder<{ readonly clusters: readonly DiagnosisDocument[] }>(
        'diagnose',
        options,
      );
      if (options.json === true) printJson(answer);
      else printLines(answer.clusters.flatMap(describe));
      process.exitCode = answer.clusters.every((cluster) => cluster.findings.length === 0) ? 0 : 1;
    });
}

function describe({ cluster, at, findings }: DiagnosisDocument): readonly string[] {
  if (findings.length === 0) return [`Cluster ${cluster}: nothing is wrong (${at}).`];
  return [
    `Cluster ${cluster} (${at}):`,
    ...findings.flatMap((finding) => [
      `  ${finding.kind}: ${finding.summary} (${FINDING_MEANING[finding.kind]}).`,
      ...finding.evidence.map((line) => `    ${line}.`),
    ]),
  ];
}
