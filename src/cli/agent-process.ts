/** The agent's process after `primacy agent` has checked everything: lean, because it lives for months in 85 MB. */
import { renameSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { destination, pino } from 'pino';
import { paths } from '../config/paths.ts';
import { runAgent, type ListenAddress } from '../node/agent.ts';
import type { Identity } from '../node/identify.ts';
import type { JoinPolicy } from '../node/start/joining.ts';

/** What `primacy agent` has checked, and hands over in the environment variable PRIMACY_AGENT_SETTINGS. */
export interface AgentSettings {
  readonly identity: Identity;
  readonly policy: JoinPolicy;
  readonly listen: ListenAddress;
  readonly version: string;
}

/** Runs the agent until SIGTERM or SIGINT. A fault of its own closes the gate and ends the process with 1. */
export async function main(): Promise<void> {
  startAgainWithoutStripper();
  const settings = JSON.parse(process.env['PRIMACY_AGENT_SETTINGS'] ?? '') as AgentSettings;
  // Programs that the agent starts must not take themselves for it.
  delete process.env['PRIMACY_AGENT_SETTINGS'];
  // Synchronous: the last line before an end must not be lost.
  const log = pino(
    { base: null, timestamp: pino.stdTimeFunctions.isoTime },
    destination({ fd: 2, sync: true }),
  );
  const controller = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => controller.abort());
  process.on('uncaughtException', (error) => {
    if (settings.identity.node.kind === 'database') closeGateAtOnce();
    log.fatal({ err: error }, 'agent failed, gate closed');
    process.exit(1);
  });
  await runAgent({ ...settings, paths, log, signal: controller.signal });
}

/**
 * The first start from TypeScript sources loads Node's type stripper, 15 MB that the process would keep for ever. Every module
 * of the agent is loaded by now, so the compile cache is complete: the same program begins once more, from the cache.
 */
function startAgainWithoutStripper(): void {
  const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
  const stripped = moduleLoadList.some((it) => it.includes('amaro'));
  if (!stripped || process.env[STARTED_AGAIN] !== undefined || process.execve === undefined) return;
  flushCompileCache();
  process.execve(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    [STARTED_AGAIN]: '1',
  });
}

/** Where no cache can be written (a read-only checkout), one more start would find nothing either. */
const STARTED_AGAIN = 'PRIMACY_AGENT_STARTED_AGAIN';

/** The last act of an agent with a fault of its own: a node that nobody watches must not carry the VIP. */
function closeGateAtOnce(): void {
  const temporary = `${paths.gateFile}.${process.pid}.tmp`;
  writeFileSync(temporary, '1\n', { mode: 0o644 });
  renameSync(temporary, paths.gateFile);
}
