/** `primacy agent`: runs the agent of this node until it is told to end. */
import { renameSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { loadConfig } from '../config/load.ts';
import { paths } from '../config/paths.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import type { ListenAddress } from '../node/agent.ts';
import { identifyNode } from '../node/identify.ts';

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
  const listen = parseListen(flags['web.listenAddress'], identity.cluster.agent.port);
  const { pino, destination } = await import('pino');
  // Synchronous: the last line before an end must not be lost.
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort());
  process.on('uncaughtException', (error) => {
    if (identity.node.kind === 'database') closeGateAtOnce();
    log.fatal({ err: error }, 'agent failed, gate closed');
    process.exit(1);
  });
  const { runAgent } = await import('../node/agent.ts');
  const { version } = await import('../../package.json', { with: { type: 'json' } }).then((it) => it.default);
  await runAgent({ identity, paths, listen, version, log, signal: controller.signal });
}

/** The last act of an agent with a fault of its own: a node that nobody watches must not carry the VIP. */
function closeGateAtOnce(): void {
  const temporary = `${paths.gateFile}.${process.pid}.tmp`;
  writeFileSync(temporary, '1\n', { mode: 0o644 });
  renameSync(temporary, paths.gateFile);
}

function parseListen(text: string | undefined, defaultPort: number): ListenAddress {
  if (text === undefined) return { host: null, port: defaultPort };
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  if (match === null || Number(match[3]) > 65_535)
    throw new PrimacyError('usage', `cannot listen on ${JSON.stringify(text)}: expected HOST:PORT`);
  return { host: match[1] ?? (match[2] || null), port: Number(match[3]) };
}
