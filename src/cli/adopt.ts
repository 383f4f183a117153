/** `primacy adopt`: hands this database node over to Primacy, which from then on promotes, fences and starts it. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { adoptionNext } from '../core/guard/adoption-order.ts';
import { adoptNode, prepareNode } from '../node/adopt/adopt-node.ts';
import { askAllNodes, askOtherNodes } from '../node/adopt/other-nodes.ts';
import { planAdoption } from '../node/adopt/plan-adoption.ts';
import { identifyNode } from '../node/identify.ts';
import { stepsOf } from '../node/procedures/run-step.ts';
import { systemClock } from '../world/clock.ts';
import { fileJournal } from '../world/files/node-journal.ts';
import { localRunner } from '../world/remote/local-runner.ts';

interface AdoptFlags {
  readonly config: string;
  readonly node?: string;
  readonly prepare?: boolean;
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const HELP = `
Clients notice nothing. Each run says what is left to do on the other nodes; an interrupted one is simply run again.

  1. on each standby   primacy adopt --prepare   its keepalived can take the VIP no longer
  2. on the primary    primacy adopt             the lease, then keepalived by a reload that keeps the VIP
  3. on each standby   primacy adopt

"primacy unadopt" takes all of it back.

Examples:
  primacy adopt --dry-run
  primacy adopt`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--prepare', "only the guard programs, and a standby's keepalived; nothing acts yet")
    .option('--dry-run', 'say what would be done and what stands against it, and change nothing')
    .option('--json', 'one JSON document')
    .addHelpText('after', HELP)
    .action((flags: AdoptFlags) => run(flags));
}

async function run(flags: AdoptFlags): Promise<void> {
  const { cluster, node } = identifyNode(await loadConfig(flags.config), flags.node);
  const context = { cluster, node, paths, clock: systemClock, runner: localRunner };
  const others = await askOtherNodes(cluster, node);
  if (flags.dryRun === true) {
    const plan = await planAdoption(context, others);
    print(flags, plan, [
      ...(plan.refusal === null ? [] : [plan.refusal]),
      ...plan.steps,
      ...next(adoptionNext(await askAllNodes(cluster))),
    ]);
    process.exitCode = plan.refusal === null ? 0 : 1;
    return;
  }
  const step = stepsOf({ clock: systemClock, journal: fileJournal(paths.nodeJournal) }, 'adopt', {
    remediation: null,
  });
  const { role, sentences } = await (flags.prepare === true
    ? prepareNode(context, step)
    : adoptNode(context, { others, step }));
  const left = adoptionNext(await askAllNodes(cluster));
  print(flags, { node: node.name, role, sentences, next: left }, [...sentences, ...next(left)]);
}

function next(left: readonly string[]): readonly string[] {
  return left.length === 0 ? [] : ['Next:', ...left.map((it) => `  ${it}`)];
}

function print({ json }: AdoptFlags, document: object, lines: readonly string[]): void {
  process.stdout.write(json === true ? `${JSON.stringify(document)}\n` : `${lines.join('\n')}\n`);
}
