/** `primacy lab drill`: a rehearsal of one incident on a lab of its own. */
import type { Command } from 'commander';
export function configureDrill(command: Command): void {
  command.description('stub');
}
