/** Every command can be used by somebody who has never seen it: its help says what it does and shows an example. */
import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { commands } from '../../src/cli/commands.ts';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (part) => (text += part) });
  command.outputHelp();
  return text;
}

describe('the list of commands', () => {
  it('names each command once', () => {
    const names = commands.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
    expect(names.length).toBeGreaterThan(0);
  });

  it.each(commands)('$name shows an example in its help', async ({ name, summary, load }) => {
    const command = new Command(name).description(summary);
    (await load()).configure(command);
    const help = helpOf(command);
    expect(help).toMatch(/Examples?:\n/);
    expect(help).toContain(`primacy ${name}`);
    for (const child of command.commands) expect(child.description(), `${name} ${child.name()}`).not.toBe('');
  });
});

describe('a command whose help has no example', () => {
  it('would be found', () => {
    expect(helpOf(new Command('bare').description('does something'))).not.toMatch(/Examples?:\n/);
  });
});
