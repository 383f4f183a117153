/** `primacy diagnose`: what is wrong, and what that rests on; with `--failover` whether this node would be promoted, and why not. */
import type { Command } from 'commander';
import { FINDING_MEANING } from '../core/diagnose/finding.ts';
import type { DiagnosisDocument } from '../responder/read/documents.ts';
import { addAskOptions, askResponder, type AskOptions } from './ask/ask-responder.ts';
import { paths } from '../config/paths.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { askAgent } from '../node/ask-agent.ts';
import type { StateDocument } from '../node/keeper/state-document.ts';
import { describeDecision } from './ask/describe-decision.ts';
import { printJson, printLines } from './ask/print.ts';

/** Adds options and action. Exit code 0 where nothing was found, or a failover would be accepted, else 1. */
export function configure(command: Command): void {
  addAskOptions(command);
  command
    .option(
      '--failover',
      "the criteria of a failover to this node, as this host's own agent sees them; as root",
    )
    .addHelpText('after', '\nExamples:\n  primacy diagnose --cluster main\n  primacy diagnose --failover')
    .action(async (options: AskOptions & { readonly failover?: true }) => {
      if (options.failover === true) {
        process.exitCode = await diagnoseFailover(options);
        return;
      }
      const answer = await askResponder<{ readonly clusters: readonly DiagnosisDocument[] }>(
        'diagnose',
        options,
      );
      if (options.json === true) printJson(answer);
      else printLines(answer.clusters.flatMap(describe));
      process.exitCode = answer.clusters.every((cluster) => cluster.findings.length === 0) ? 0 : 1;
    });
}

const AGENT_LIMIT_MS = 5_000;

/** No responder is asked: each agent knows only whether its own node could be promoted. */
async function diagnoseFailover(options: AskOptions): Promise<number> {
  if (options.name !== undefined || options.cluster !== undefined || options.responder !== undefined)
    throw new PrimacyError(
      'usage',
      'cannot ask others for --failover: it shows what the agent of this host sees (in a lab: primacy lab exec pg2 -- primacy diagnose --failover)',
    );
  const state = await askAgent<StateDocument>(paths.agentSocket, 'GET', '/state', AGENT_LIMIT_MS);
  if (options.json === true) printJson(state);
  else if (state.failover === null) printLines([`Node ${state.node} is no database node.`]);
  else
    printLines([
      `Node ${state.node}, role ${state.server?.role ?? 'unknown'}, duty ${state.duty?.kind ?? 'unknown'}: ${state.duty?.reason ?? ''}.`,
      ...describeDecision(state.failover),
    ]);
  return state.failover?.promote === true ? 0 : 1;
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
