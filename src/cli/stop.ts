/** `primacy stop`: stops this node's PostgreSQL in order, so that agent and responder leave it stopped until `primacy start`. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { stopGuarded, type StopReport } from '../node/start/stop-guarded.ts';
import type { StopMode } from '../world/postgres/service.ts';
import { configureCommon, prepare, printReport, progressLines, type CommonFlags } from './guarded/options.ts';

export interface StopFlags extends CommonFlags {
  readonly mode: StopMode;
  readonly timeout: number;
  readonly handOver?: true;
}

const HELP = `
PostgreSQL goes first and the VIP after it, so that clients get an error and not silence. Of a primary the lease stays here: nobody
takes over, unless --hand-over says so.

Exit codes:
   0  PostgreSQL is down and the VIP is gone
  10  refused, nothing was stopped
  20  failed after something was changed
  64  wrong options

Examples:
  primacy stop
  primacy stop --hand-over`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  stopOptions(configureCommon(command))
    .option('--hand-over', 'of a primary: give the lease to a successor that is ready')
    .addHelpText('after', HELP)
    .action(async (flags: StopFlags) => {
      const report = await stop(flags);
      printReport(report, flags.json);
      if (report.readySuccessor !== null && flags.json !== true)
        process.stderr.write(
          `primacy: ${report.readySuccessor} is ready to take over, and was not asked to: --hand-over\n`,
        );
    });
}

/** Adds what `restart` also takes. */
export function stopOptions(command: Command): Command {
  return command
    .addOption(new Option('--mode <mode>', 'of pg_ctl').choices(['fast', 'immediate']).default('fast'))
    .option('--timeout <seconds>', 'how long to wait for its end', positive, 60);
}

export async function stop(flags: StopFlags): Promise<StopReport> {
  const { context } = await prepare(flags, 'stop');
  const progress = progressLines();
  const report = await stopGuarded(context, {
    mode: flags.mode,
    limitSeconds: flags.timeout,
    handOver: flags.handOver === true,
    progress: progress.tell,
  });
  progress.end();
  return report;
}

function positive(value: string): number {
  const seconds = Number(value);
  if (!(seconds > 0 && seconds <= 86_400)) throw new InvalidArgumentError('Expected seconds.');
  return seconds;
}
