/** `primacy start`: starts this node's PostgreSQL only as what it may be, as a standby whenever in doubt. */
import { type Command, InvalidArgumentError } from 'commander';
import { PrimacyError } from '../core/model/primacy-error.ts';
import type { ForceAtStart } from '../core/guard/start-snapshot.ts';
import { startGuarded } from '../node/start/start-guarded.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';

export interface StartFlags extends CommonFlags {
  readonly forcePrimary?: true;
  readonly reason?: string;
  readonly confirm?: string;
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
  primacy start --json
  primacy start --force-primary --reason "pg2 burnt down" --confirm 7312345678901234567`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  configureCommon(command)
    .option('--checks', 'also print the checks U0 to U15')
    .option('--force-primary', 'become primary without the voters: for the loss of everything else')
    .option('--reason <text>', 'with --force-primary: why', nonEmpty)
    .option('--confirm <system-id>', 'with --force-primary: the system identifier of this cluster', nonEmpty)
    .addHelpText('after', HELP)
    .action((flags: StartFlags) => start(flags));
}

export async function start(flags: StartFlags): Promise<void> {
  const force = forceOf(flags);
  const { context, policy } = await prepare(flags, 'start');
  const progress = progressLines();
  const report = await startGuarded(context, { policy, force, progress: progress.tell });
  progress.end();
  if (flags.checks === true && flags.json !== true)
    for (const { id, code, state, reason } of report.checks)
      process.stdout.write(`${id.padEnd(4)} ${state.padEnd(8)} ${code}: ${reason}\n`);
  printReport(report, flags.json);
}

function forceOf({ forcePrimary, reason, confirm }: StartFlags): ForceAtStart | null {
  if (forcePrimary === undefined) {
    if (reason === undefined && confirm === undefined) return null;
    throw new PrimacyError('usage', 'cannot start: --reason and --confirm belong to --force-primary');
  }
  if (reason === undefined || confirm === undefined)
    throw new PrimacyError('usage', 'cannot force: --force-primary needs --reason and --confirm');
  return { reason, confirm };
}

function nonEmpty(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('It must not be empty.');
  return value;
}
