/** `primacy restart`: a planned stop, then a guarded start; a holder keeps its lease meanwhile and is promoted again. */
import type { Command } from 'commander';
import { configureCommon, printReport, type CommonFlags } from './guarded/options.ts';
import { start } from './start.ts';
import { stop, stopOptions, type StopFlags } from './stop.ts';

const HELP = `
Exit codes: those of "primacy start", and 10 or 20 where the stop failed.

Example:
  primacy restart`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  stopOptions(configureCommon(command))
    .addHelpText('after', HELP)
    .action((flags: CommonFlags & Pick<StopFlags, 'mode' | 'timeout'>) => restart(flags));
}

async function restart(flags: CommonFlags & Pick<StopFlags, 'mode' | 'timeout'>): Promise<void> {
  const stopped = await stop(flags);
  if (stopped.exitCode === 0) await start(flags);
  else printReport(stopped, flags.json);
}
