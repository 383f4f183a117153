/** `primacy lab break` and `primacy lab mend`. */
import type { Command } from 'commander';
import { faults } from '../../lab/faults/catalogue.ts';
import { breakLab, mendLab } from '../../lab/faults/strike.ts';
import { printLine, requireRoot, withName } from './output.ts';

interface BreakOptions {
  readonly name: string;
  readonly node?: string;
  readonly with?: readonly string[];
}

/** Adds arguments, options and action; the help lists every fault. */
export function configureBreak(command: Command): void {
  const width = Math.max(...[...faults.keys()].map((name) => name.length));
  const list = [...faults].map(
    ([name, fault]) => `  ${name.padEnd(width)} ${fault.summary} (${fault.defaultHost} unless --node)`,
  );
  withName(command)
    .description('make a fault')
    .argument('<fault>', 'see the list below')
    .option('--node <host>', 'where')
    .option('--with <host>', 'for partition: on the same side (can be given again)', collect, [])
    .addHelpText(
      'after',
      `\nFaults:\n${list.join('\n')}\n\nExample:\n  primacy lab break partition --node pg1 --with client\n`,
    )
    .action(async (fault: string, options: BreakOptions) => {
      requireRoot();
      const strike = await breakLab(options.name, fault, options.node, options.with ?? []);
      printLine(`${strike.fault} on ${strike.host}: done`);
    });
}

/** Adds arguments, options and action. */
export function configureMend(command: Command): void {
  withName(command)
    .description('undo faults, all of them where none is named')
    .argument('[fault]')
    .option('--node <host>', 'only on this host')
    .addHelpText('after', '\nExample:\n  primacy lab mend partition\n')
    .action(async (fault: string | undefined, options: BreakOptions) => {
      requireRoot();
      const mended = await mendLab(options.name, fault, options.node);
      if (mended.length === 0) printLine('nothing to mend');
      for (const strike of mended) printLine(`${strike.fault} on ${strike.host}: undone`);
    });
}

function collect(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
