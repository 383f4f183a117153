/** `primacy agent`: checks the command line and the configuration, then becomes the agent's process (agent-process.ts). */
import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { hookWarnings } from '../config/hook-programs.ts';
import { loadConfig, type ValidConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { readSecret } from '../config/secrets.ts';
import { warningsOf } from '../config/warnings.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import type { ListenAddress } from '../node/agent.ts';
import { identifyNode, type Identity } from '../node/identify.ts';
import { AGENT_ENVIRONMENT, AGENT_NODE_OPTIONS } from '../node/process-options.ts';
import type { AgentSettings } from './agent-process.ts';

interface AgentFlags {
  readonly config: string;
  readonly node?: string;
  readonly 'web.listenAddress'?: string;
}

/** Adds the command's options and action. */
export function configure(command: Command): void {
  command
    .option('--config <file>', 'configuration file', paths.config)
    .option('--node <name>', 'name of this node in it (default: host name, else local address)')
    .option(
      '--web.listen-address <host:port>',
      'address of the exporter (default: all, port of the configuration)',
    )
    .addHelpText('after', '\nExample:\n  primacy agent --config /etc/primacy/primacy.yml --node pg1')
    .action((flags: AgentFlags) => run(flags));
}

async function run(flags: AgentFlags): Promise<void> {
  const config = await loadConfig(flags.config);
  const identity = identifyNode(config, flags.node);
  const { cluster, node } = identity;
  const hooks = node.kind === 'database' ? await hookWarnings(config, cluster) : [];
  for (const warning of [...warningsOf(config), ...(await checkSecrets(config, identity)), ...hooks])
    process.stderr.write(`primacy: ${warning}\n`);
  const listen = parseListen(flags['web.listenAddress'], cluster.agent.port);
  const { version } = await import('../../package.json', { with: { type: 'json' } }).then((it) => it.default);
  becomeAgent({ identity, policy: config.responder.policy, listen, version });
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

/**
 * Replaces this program by the agent's, in the same process: Node gets the heap flags that keep it small, and what only
 * checks a configuration (schema library, YAML, command line: about 15 MB) is gone from memory.
 */
function becomeAgent(settings: AgentSettings): void {
  if (process.execve === undefined)
    throw new PrimacyError(
      'missing-prerequisite',
      'cannot start the agent: this Node has no execve, expected 22.18 or later',
    );
  const executable = fileURLToPath(new URL('primacy.js', import.meta.url));
  process.execve(
    process.execPath,
    [process.execPath, ...AGENT_NODE_OPTIONS, ...process.execArgv, executable, 'agent'],
    {
      ...process.env,
      ...AGENT_ENVIRONMENT,
      PRIMACY_AGENT_SETTINGS: JSON.stringify(settings),
    },
  );
}

function parseListen(text: string | undefined, defaultPort: number): ListenAddress {
  if (text === undefined) return { host: null, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535)
    throw new PrimacyError('usage', `cannot listen on ${JSON.stringify(text)}: expected HOST:PORT`);
  return { host: match[1] ?? (match[2] || null), port: Number(match[3]) };
}
