/** `primacy lab`: a real cluster on one machine, and its faults. */
import type { Command } from 'commander';
import { configureBreak, configureMend } from './lab/faults.ts';
import { configureAccount, configureDown, configureStatus, configureUp } from './lab/life.ts';
import { configureDrill } from './lab/drill.ts';
import { configureExec } from './lab/exec.ts';

/** Adds the sub-commands. */
export function configure(command: Command): void {
  command.enablePositionalOptions();
  configureUp(command.command('up'));
  configureDown(command.command('down'));
  configureStatus(command.command('status'));
  configureAccount(command.command('account'));
  configureExec(command.command('exec'));
  configureBreak(command.command('break'));
  configureMend(command.command('mend'));
  configureDrill(command.command('drill'));
  command.addHelpText(
    'after',
    '\nExample:\n  primacy lab up --name trial && primacy lab status --name trial\n',
  );
}
