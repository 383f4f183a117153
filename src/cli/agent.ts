/** `primacy agent`: checks the command line and the configuration, then becomes the agent's process (agent-process.ts). */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { hookWarnings } from '../config/hook-programs.ts';
import { loadConfig, type ValidConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { readSecret } from '../config/secrets.ts';
import { warningsOf } from '../config/warnings.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import type { ListenAddress } from '../node/agent.ts';
import { identifyNode, type Identity } from '../node/identify.ts';
import type { AgentSettings, Configured } from './agent-settings.ts';
import { becomeAgent } from './become-agent.ts';

interface AgentFlags {
  readonly config: string;
  readonly node?: string;
  readonly 'web.listenAddress'?: string;
  readonly 'web.enableLifecycle'?: boolean;
  readonly printSettings?: boolean;
}

const HELP = `
SIGHUP, or "primacy reload", reads the configuration again. A wrong one changes nothing.

Examples:
  primacy agent --config /etc/primacy/primacy.yml --node pg1
  primacy agent --print-settings`;

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option(
      '--web.listen-address <host:port>',
      'address of the exporter (default: all, port of the configuration)',
    )
    .option('--web.enable-lifecycle', 'answer POST /-/reload from this host')
    .option(
      '--print-settings',
      'check the configuration, print what of it this agent would run by, and start nothing',
    )
    .addHelpText('after', HELP)
    .action((flags: AgentFlags) => run(flags));
}

async function run(flags: AgentFlags): Promise<void> {
  const config = await loadConfig(flags.config);
  const identity = identifyNode(config, flags.node);
  const { cluster, node } = identity;
  const hooks = node.kind === 'database' ? await hookWarnings(config, cluster) : [];
  for (const warning of [...warningsOf(config), ...(await checkSecrets(config, identity)), ...hooks])
    process.stderr.write(`primacy: ${warning}\n`);
  const configured: Configured = { identity, policy: config.responder.policy };
  if (flags.printSettings === true) {
    process.stdout.write(`${JSON.stringify(configured)}\n`);
    return;
  }
  becomeAgent({ configured, ...(await settingsOf(flags, cluster.agent.port)) });
}

async function settingsOf(flags: AgentFlags, port: number): Promise<Omit<AgentSettings, 'configured'>> {
  const { version } = await import('../../package.json', { with: { type: 'json' } }).then((it) => it.default);
  const node = flags.node === undefined ? [] : ['--node', flags.node];
  return {
    listen: parseListen(flags['web.listenAddress'], port),
    lifecycle: flags['web.enableLifecycle'] === true,
    version,
    reload: { successful: true, succeededAt: Date.now() / 1000 },
    flags: ['--config', resolve(flags.config), ...node],
  };
}

/** The agent reads its secrets itself, later and again. Here a file that it cannot read ends with the configuration's line. */
async function checkSecrets(config: ValidConfig, identity: Identity): Promise<readonly string[]> {
  const cluster = ['clusters', config.clusters.indexOf(identity.cluster)];
  const password = [...cluster, 'postgres', 'passwordFile'];
  const secret = [...cluster, 'agent', 'secretFile'];
  const warnings: string[] = [];
  for (const path of identity.node.kind === 'database' ? [password, secret] : [secret]) {
    const { warning } = await readSecret(config, path);
    if (warning !== null) warnings.push(warning);
  }
  return warnings;
}

function parseListen(text: string | undefined, defaultPort: number): ListenAddress {
  if (text === undefined) return { host: null, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535)
    throw new PrimacyError('usage', `cannot listen on ${JSON.stringify(text)}: expected HOST:PORT`);
  return { host: match[1] ?? (match[2] || null), port: Number(match[3]) };
}
