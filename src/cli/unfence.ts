/** `primacy unfence`: lifts a fence marker that people or the responder have set on this node. */
import type { Command } from 'commander';
import { configureCommon, prepare, printReport, type CommonFlags } from './guarded/options.ts';

const HELP = `
A fenced node is started by nobody until it has rejoined. Lift its marker only when you are certain that it may be started again: that
its data is right, or that it may become a standby of the present primary, with what only it has counted and kept before it is discarded.
What happens next is said.

Exit codes:
   0  lifted, or no marker stood
  10  refused, nothing was changed
  12  refused: a rejoin stands half done, and only that can go on
  20  failed after something was changed
  64  wrong options

Examples:
  primacy unfence
  primacy unfence --json`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  configureCommon(command)
    .addHelpText('after', HELP)
    .action((flags: CommonFlags) => unfence(flags));
}

async function unfence(flags: CommonFlags): Promise<void> {
  const { context } = await prepare(flags, 'unfence');
  const { unfenceByPerson } = await import('../node/procedures/unfence-by-person.ts');
  printReport(await unfenceByPerson(context), flags.json);
}
