/** `primacy start`: starts this node's PostgreSQL only as what it may be, as a standby whenever in doubt. */
import type { Command } from 'commander';
import { startGuarded } from '../node/start/start-guarded.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';

export interface StartFlags extends CommonFlags {
  readonly checks?: true;
}

const HELP = `
Exit codes:
   0  it runs as it should: as a standby that follows, as the primary under its lease, or it ran before
  10  refused, nothing was started
  11  refused: two other nodes are primary
  12  needs a rejoin: it would discard what nobody else has
  13  needs a person: the data directory or the histories are not what they should be
  14  it runs as a read-only standby, because who may be primary could not be settled
  20  failed after something was changed
  64  wrong options

Every start begins in recovery: the server becomes primary only when the agent has the lease and promotes it.

Examples:
  primacy start
  primacy start --json`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  configureCommon(command)
    .option('--checks', 'also print the checks U0 to U15')
    .addHelpText('after', HELP)
    .action((flags: StartFlags) => start(flags));
}

export async function start(flags: StartFlags): Promise<void> {
  const { context, policy } = await prepare(flags, 'start');
  const progress = progressLines();
  const report = await startGuarded(context, { policy, force: null, progress: progress.tell });
  progress.end();
  if (flags.checks === true && flags.json !== true)
    for (const { id, code, state, reason } of report.checks)
      process.stdout.write(`${id.padEnd(4)} ${state.padEnd(8)} ${code}: ${reason}\n`);
  printReport(report, flags.json);
}
