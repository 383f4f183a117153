/** `primacy unadopt`: takes back all that `primacy adopt` did, and leaves an ordinary server. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { stillAdopted } from '../node/adopt/still-adopted.ts';
import { unadoptNode } from '../node/adopt/unadopt-node.ts';
import { identifyNode } from '../node/identify.ts';
import { systemClock } from '../world/clock.ts';
import { localRunner } from '../world/remote/local-runner.ts';

interface UnadoptFlags {
  readonly config: string;
  readonly node?: string;
  readonly force?: boolean;
}

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--force', 'a primary although a standby is adopted or silent: that standby may take over')
    .addHelpText('after', '\nThe standbys first, then the primary.\n\nExample:\n  primacy unadopt')
    .action((flags: UnadoptFlags) => run(flags));
}

async function run(flags: UnadoptFlags): Promise<void> {
  const identity = identifyNode(await loadConfig(flags.config), flags.node);
  const { sentences } = await unadoptNode(
    { ...identity, paths, clock: systemClock, runner: localRunner },
    {
      stillAdopted: await stillAdopted(identity.cluster, identity.node),
      force: flags.force === true,
    },
  );
  process.stdout.write(`${sentences.join('\n')}\n`);
}
