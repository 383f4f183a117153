/** The agent's process after `primacy agent` has checked everything: lean, because it lives for months in 85 MB. */
import { renameSync, writeFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { destination, pino } from 'pino';
import { paths } from '../config/paths.ts';
import { whyNotReloaded } from '../config/judge-reload.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { runAgent } from '../node/agent.ts';
import type { Log } from '../node/log.ts';
import { Reloader } from '../node/reload.ts';
import { localRunner } from '../world/remote/local-runner.ts';
import type { AgentSettings, Configured } from './agent-settings.ts';
import { becomeAgent } from './become-agent.ts';

/**
 * Runs the agent until SIGTERM or SIGINT; with SIGHUP, or asked for a reload, it begins again in this process with the configuration as it
 * is now. A fault of its own closes the gate and ends the process with 1.
 */
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
  let next: Configured | null = null;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => {
      ended = true;
      controller.abort();
    });
  let ended = false;
  process.on('uncaughtException', (error) => {
    if (settings.configured.identity.node.kind === 'database') closeGateAtOnce();
    log.fatal({ err: error }, 'agent failed, gate closed');
    process.exit(1);
  });
  const reload = createReloader(settings, log, (configured) => {
    next = configured;
    controller.abort();
  });
  process.on('SIGHUP', () => void reload.ask());
  const { listen, version, lifecycle } = settings;
  const web = { enabled: lifecycle, ask: reload.ask, state: reload.state };
  const { signal } = controller;
  await runAgent({ ...settings.configured, listen, version, paths, log, signal, reload: web });
  if (next !== null && !ended) becomeAgent({ ...settings, configured: next, reload: reload.state() });
  // All that must end in order has ended. On a primary a connection to its own server outlives that and held the process for ten seconds, as
  // long as the lease waits for the agent that comes next.
  process.exit();
}

/** Reading takes a process of its own, which has the libraries for it and is gone then. */
const READ_LIMIT_MS = 30_000;

function createReloader(
  settings: AgentSettings,
  log: Log,
  begin: (configured: Configured) => void,
): Reloader<Configured> {
  const read = async (): Promise<Configured> => {
    const result = await localRunner.run({
      program: process.execPath,
      arguments: [EXECUTABLE, 'agent', '--print-settings', ...settings.flags],
      environment: ownEnvironment(),
      timeoutMs: READ_LIMIT_MS,
    });
    if (result.kind === 'done') return JSON.parse(result.stdout) as Configured;
    const said = result.stderr.trim().replace(/^primacy: /, '');
    const found = result.kind === 'unknown' ? result.reason : `exit code ${result.exitCode}`;
    throw new PrimacyError('config-invalid', said === '' ? `cannot reload: ${found}` : said);
  };
  return new Reloader({
    current: settings.configured,
    state: settings.reload,
    read,
    judge: (before, after) => whyNotReloaded(before.identity, after.identity),
    begin,
    now: () => Date.now() / 1000,
    log,
  });
}

const EXECUTABLE = fileURLToPath(new URL('primacy.js', import.meta.url));

/** Where this agent was told to keep its files. */
function ownEnvironment(): Readonly<Record<string, string>> {
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('PRIMACY_'));
  return Object.fromEntries(own.map(([name, value]) => [name, value ?? '']));
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
