/** `primacy lab exec`: any command inside a host, so that a fault nobody listed can be tried. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Command } from 'commander';
import { enterArguments, poweredInit } from '../../lab/hosts/enter.ts';
import { readLabState } from '../../lab/state.ts';
import { hostNamed, topologyOf } from '../../lab/topology.ts';
import { requireRoot, withName } from './output.ts';

/** Adds arguments, options and action. */
export function configureExec(command: Command): void {
  withName(command)
    .description('run a command as root inside a host; its output and exit code are passed through')
    .argument('<host>', 'pg1, pg2, witness, mon or client')
    .argument('<command...>', 'after "--"')
    .addHelpText(
      'after',
      '\nExample:\n  primacy lab exec pg1 -- runuser -u postgres -- psql -c "select now()"\n',
    )
    .action(async (host: string, words: readonly string[], options: { readonly name: string }) => {
      requireRoot();
      process.exitCode = await execute(options.name, host, words);
    });
}

async function execute(lab: string, host: string, words: readonly string[]): Promise<number> {
  const state = await readLabState(lab);
  hostNamed(topologyOf(lab, state.nodes, state.witness), host);
  const init = await poweredInit(lab, host);
  const child = spawn('nsenter', [...enterArguments(init), ...words], {
    stdio: 'inherit',
    cwd: '/',
    env: {
      ...process.env,
      PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      HOME: '/root',
    },
  });
  const [code, signal] = (await once(child, 'exit')) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === 'SIGINT' ? 2 : 15);
}
