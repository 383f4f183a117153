/** `primacy adopt`: hands this database node over to Primacy, which from then on promotes, fences and starts it. */
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { adoptNode } from '../node/adopt/adopt-node.ts';
import { installGuards } from '../node/adopt/install-guards.ts';
import { identifyNode } from '../node/identify.ts';
import { systemClock } from '../world/clock.ts';
import { localRunner } from '../world/remote/local-runner.ts';

interface AdoptFlags {
  readonly config: string;
  readonly node?: string;
  readonly prepare?: boolean;
}

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option('--prepare', 'only install the guard programs, for keepalived to find them when it starts')
    .addHelpText(
      'after',
      '\nThe primary first, then the standbys. Clients notice nothing. "primacy unadopt" takes all of it back.\n\nExample:\n  primacy adopt',
    )
    .action((flags: AdoptFlags) => run(flags));
}

async function run(flags: AdoptFlags): Promise<void> {
  const identity = identifyNode(await loadConfig(flags.config), flags.node);
  const context = { ...identity, paths, clock: systemClock, runner: localRunner };
  if (flags.prepare === true) {
    await installGuards(context);
    process.stdout.write(`Guard programs are in ${paths.guardDirectory}; nothing acts yet.\n`);
    return;
  }
  const { sentences } = await adoptNode(context);
  process.stdout.write(`${sentences.join('\n')}\n`);
}
