/** `primacy unadopt`: takes back all that `primacy adopt` did, and leaves an ordinary server. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { askOtherNodes } from '../node/adopt/other-nodes.ts';
import { unadoptNode } from '../node/adopt/unadopt-node.ts';
import { identifyNode } from '../node/identify.ts';
import { stepsOf } from '../node/procedures/run-step.ts';
import { systemClock } from '../world/clock.ts';
import { fileJournal } from '../world/files/node-journal.ts';
import { localRunner } from '../world/remote/local-runner.ts';

interface UnadoptFlags {
  readonly config: string;
  readonly node?: string;
  readonly force?: boolean;
  readonly json?: boolean;
}

const HELP = `
The standbys first, then the primary. Where keepalived was taken over, the standbys once more at the end: theirs must not run the
former configuration beside Primacy's. Each run says so; an interrupted one is simply run again.

Example:
  primacy unadopt`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--force', 'a primary although a standby is adopted or silent: that standby may take over')
    .option('--json', 'one JSON document')
    .addHelpText('after', HELP)
    .action((flags: UnadoptFlags) => run(flags));
}

async function run(flags: UnadoptFlags): Promise<void> {
  const { cluster, node } = identifyNode(await loadConfig(flags.config), flags.node);
  const step = stepsOf({ clock: systemClock, journal: fileJournal(paths.nodeJournal) }, 'unadopt', {
    remediation: null,
  });
  const { role, sentences } = await unadoptNode(
    { cluster, node, paths, clock: systemClock, runner: localRunner },
    { others: await askOtherNodes(cluster, node), force: flags.force === true, step },
  );
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ node: node.name, role, sentences })}\n`
      : `${sentences.join('\n')}\n`,
  );
}
