/** The program on every node: exporter, heartbeat, VIP gate and VIP watch, started together and ended in order. */
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Identity } from './identify.ts';
import type { Paths } from '../config/paths.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { createExposition } from '../metrics/exposition.ts';
import { metricsOf } from '../metrics/families.ts';
import { systemClock } from '../world/clock.ts';
import { readFenceMarker } from '../world/files/fence-marker.ts';
import { localRunner } from '../world/remote/local-runner.ts';
import { claimPidFile, releasePidFile } from './agent-pid-file.ts';
import { createDatabasePart, type DatabasePart } from './database-part.ts';
import { every } from './every.ts';
import type { Log } from './log.ts';
import { scrape, type ScrapeSources } from './scrape.ts';
import { createServer } from './server.ts';
import { createVipWatch } from './vip-watch.ts';

/** `host` null: every address of this host. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number;
}

export interface AgentOptions {
  readonly identity: Identity;
  readonly paths: Paths;
  /** Host and port to listen on. */
  readonly listen: ListenAddress;
  readonly version: string;
  readonly log: Log;
  /** Aborted by SIGTERM or SIGINT. */
  readonly signal: AbortSignal;
}

/** Runs until the signal is aborted. Throws `locked` where an agent runs already, `refused` where it cannot listen. */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { identity, paths, log, signal } = options;
  const { cluster, node } = identity;
  mkdirSync(paths.runDirectory, { recursive: true, mode: 0o755 });
  claimPidFile(paths.agentPidFile);
  const readFence = () => readFenceMarker(paths.fenceMarker);
  const database =
    node.kind === 'database' ? await createDatabasePart({ cluster, paths, readFence, log }) : null;
  const watch = createVipWatch(cluster, localRunner, systemClock);
  const ready = () => database === null || database.ready();
  const server = await serve(options, ready, {
    identity,
    version: options.version,
    gateFile: paths.gateFile,
    readFence,
    lastVipProbe: watch.last,
    lease: null,
    sights: () => [],
    database,
  });
  log.info({ node: node.name, cluster: cluster.name, ...options.listen }, 'agent started');
  const watching = every({
    clock: systemClock,
    intervalMs: cluster.timings.arpProbeIntervalSeconds * 1000,
    signal,
    step: watch.step,
    failed: (error) => log.error({ error: String(error) }, 'cannot probe the VIP'),
  });
  await Promise.all([watching, database?.run(signal), aborted(signal)]);
  await stop(server, database);
  releasePidFile(paths.agentPidFile);
  log.info({}, 'agent ended');
}

async function serve(options: AgentOptions, ready: () => boolean, sources: ScrapeSources): Promise<Server> {
  const expose = createExposition();
  const app = createServer({
    node: options.identity.node.name,
    cluster: options.identity.cluster.name,
    version: options.version,
    metrics: async (budgetMs, format) => expose(metricsOf(await scrape(sources, budgetMs)), format),
    ready,
  });
  const { host, port } = options.listen;
  return new Promise((resolve, reject) => {
    const listening = (error?: Error): void => {
      if (error === undefined) resolve(server);
      else
        reject(
          new PrimacyError('refused', `cannot listen on ${host ?? '*'}:${port}: ${error.message}`, {
            cause: error,
          }),
        );
    };
    const server = host === null ? app.listen(port, listening) : app.listen(port, host, listening);
  });
}

/** Ends in order: no more scrapes, then the gate is judged a last time, then the sessions. */
async function stop(server: Server, database: DatabasePart | null): Promise<void> {
  server.close();
  server.closeAllConnections();
  await database?.close();
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
