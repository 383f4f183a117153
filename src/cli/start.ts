/** `primacy start`: starts this node's PostgreSQL only as what it may be, as a standby whenever in doubt. */
import { InvalidArgumentError, type Command } from 'commander';
import type { ForceAtStart } from '../core/guard/start-snapshot.ts';
import { OVERRIDE_SECONDS } from '../core/lease/override-seconds.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { startGuarded } from '../node/start/start-guarded.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';
import { personAsking, wordsOf } from './guarded/person.ts';

export interface StartFlags extends CommonFlags {
  readonly checks?: true;
  readonly forcePrimary?: true;
  readonly reason?: string;
  readonly confirm?: string;
  readonly for?: number;
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

--force-primary is the way out of a total loss: the other voters are gone for good, so that no majority can ever grant the lease. This
node's agent then holds it by its own vote, whether the server runs as a standby or is down, and promotes it. Every agent that can be
reached honours that. It ends by itself as soon as a majority of the voters stands by it, and at the latest after --for seconds: the
primary is stopped then. Until then an alert fires. Be certain that no other node is primary, and that none comes back as one. What this
node has not received is lost. "pg_controldata" prints the system identifier.

Examples:
  primacy start
  primacy start --json
  primacy start --force-primary --reason "pg1 and the witness burnt down" --confirm 7412345678901234567`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  const { least, most, usual } = OVERRIDE_SECONDS;
  configureCommon(command)
    .option('--checks', 'also print the checks U0 to U15')
    .option('--force-primary', 'become primary without the voters, for --reason, with --confirm')
    .option('--reason <text>', 'why the voters are overruled: for journal, log and colleagues')
    .option('--confirm <system-identifier>', "the cluster's system identifier, typed by you")
    .option('--for <seconds>', `how long at most, ${least} to ${most} (default: ${usual})`, overrideSeconds)
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

/** Null where nobody insists. Throws `usage` where one option is there without the others. */
function forceOf({ forcePrimary, reason, confirm, for: seconds }: StartFlags): ForceAtStart | null {
  if (forcePrimary !== true) {
    if (reason === undefined && confirm === undefined && seconds === undefined) return null;
    throw new PrimacyError('usage', 'cannot start: --reason, --confirm and --for belong to --force-primary');
  }
  if ((reason?.trim() ?? '') === '' || confirm === undefined)
    throw new PrimacyError(
      'usage',
      'cannot overrule the voters: --force-primary needs --reason, which says why, and --confirm with the system identifier of the cluster',
    );
  const words = wordsOf(reason, 'overrule the voters');
  const by = personAsking();
  return { reason: words, confirm: confirm.trim(), seconds: seconds ?? OVERRIDE_SECONDS.usual, by };
}

function overrideSeconds(value: string): number {
  const seconds = Number(value);
  const { least, most } = OVERRIDE_SECONDS;
  if (!(seconds >= least && seconds <= most))
    throw new InvalidArgumentError(`Expected ${least} to ${most} seconds.`);
  return seconds;
}
