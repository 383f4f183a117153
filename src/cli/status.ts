/** `primacy status`: what the responder sees of each node at this moment. */
import type { Command } from 'commander';
import type { ClusterStatus } from '../responder/read/status.ts';
import { addAskOptions, askResponder, type AskOptions } from './ask/ask-responder.ts';
import { describeStatus } from './ask/describe-status.ts';
import { printJson, printLines } from './ask/print.ts';

/** Adds options and action. Exit code 0 where every cluster is healthy, else 1. */
export function configure(command: Command): void {
  addAskOptions(command);
  command
    .addHelpText('after', '\nExample:\n  primacy status --cluster main --json')
    .action(async (options: AskOptions) => {
      const answer = await askResponder<{ readonly clusters: readonly ClusterStatus[] }>('status', options);
      if (options.json === true) printJson(answer);
      else printLines(describeStatus(answer.clusters));
      process.exitCode = answer.clusters.every((cluster) => cluster.healthy) ? 0 : 1;
    });
}
