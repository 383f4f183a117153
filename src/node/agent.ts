/** The program on every node: voter, exporter, and on a database node the keeper with heartbeat and gate; started together, ended in order. */
import { mkdirSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Identity } from './identify.ts';
import type { Paths } from '../config/paths.ts';
import type { NodeConfig } from '../config/schema.ts';
import type { NodeName } from '../core/model/names.ts';
import type { NodeReport, RememberedPrimary, Sight } from '../core/model/node-report.ts';
import { PrimacyError } from '../core/model/primacy-error.ts';
import { createExposition } from '../metrics/exposition.ts';
import { metricsOf } from '../metrics/families.ts';
import { bootMillis, systemClock } from '../world/clock.ts';
import { readFenceMarker } from '../world/files/fence-marker.ts';
import { fileJournal } from '../world/files/node-journal.ts';
import { localRunner } from '../world/remote/local-runner.ts';
import { claimPidFile, releasePidFile } from './agent-pid-file.ts';
import { createDatabasePart, type DatabasePart } from './database-part.ts';
import { every } from './every.ts';
import { openAgentSocket } from './keeper/agent-socket.ts';
import { LastPrimaries } from './keeper/last-primary.ts';
import { othersOf } from './keeper/lease-view.ts';
import { createLeaseService } from './lease/create-lease-service.ts';
import type { LeaseService } from './lease/lease-service.ts';
import type { Log } from './log.ts';
import { createPeerProbe, type PeerProbe } from './peer-probe.ts';
import type { ReloadRoute } from './reload-route.ts';
import { scrape, type ScrapeSources } from './scrape.ts';
import { createServer } from './server.ts';
import type { JoinPolicy } from './start/joining.ts';
import { createVipWatch } from './vip-watch.ts';
import { createWitnessVip } from './witness-vip.ts';

/** `host` null: every address of this host. */
export interface ListenAddress {
  readonly host: string | null;
  readonly port: number;
}

export interface AgentOptions {
  readonly identity: Identity;
  readonly paths: Paths;
  /** What the agent may do with data that the lease's holder does not have. */
  readonly policy: JoinPolicy;
  /** Host and port to listen on. */
  readonly listen: ListenAddress;
  readonly version: string;
  readonly log: Log;
  readonly reload: ReloadRoute;
  /** Aborted by SIGTERM or SIGINT, and by a reload. */
  readonly signal: AbortSignal;
}

/**
 * Runs until the signal is aborted. Throws `locked` where an agent runs already, `refused` where it cannot listen, `config-invalid` where
 * the cluster's secret cannot be read.
 */
export async function runAgent(options: AgentOptions): Promise<void> {
  const { identity, paths, log, signal } = options;
  const { cluster, node } = identity;
  mkdirSync(paths.runDirectory, { recursive: true, mode: 0o755 });
  mkdirSync(paths.stateDirectory, { recursive: true, mode: 0o755 });
  claimPidFile(paths.agentPidFile);
  const readFence = () => readFenceMarker(paths.fenceMarker);
  const lease = await createLeaseService({ cluster, node, paths, log });
  const probe = createPeerProbe({ cluster, node, log });
  const database =
    node.kind === 'database' ? await createDatabasePart({ ...options, readFence, lease, probe }) : null;
  const vip = createVipWatch(cluster, localRunner, systemClock);
  const ready = () => database === null || database.ready();
  const server = await serve(options, ready, {
    identity,
    version: options.version,
    gateFile: paths.gateFile,
    readFence,
    lastVipProbe: vip.last,
    lease: lease.statistics,
    sights: probe.sights,
    reload: options.reload.state,
    database,
  });
  const socket = await openAgentSocket(paths.agentSocket, {
    identity,
    lease,
    keeper: database?.keeper,
    promote: database?.promote,
    reload: options.reload,
    people: database?.people,
  });
  log.info({ node: node.name, cluster: cluster.name, ...options.listen }, 'agent started');
  const loop = (name: string, seconds: number, step: () => Promise<void>): Promise<void> =>
    every({
      clock: systemClock,
      intervalMs: seconds * 1000,
      signal,
      step,
      failed: (error) => log.error({ error: String(error) }, `cannot step ${name}`),
    });
  const watchVip = async (): Promise<void> => {
    await vip.step();
    database?.takeVipProbe(vip.last());
  };
  const reportAsWitness = witnessReporter(node, lease, probe);
  await Promise.all([
    loop('VIP watch', cluster.timings.arpProbeIntervalSeconds, watchVip),
    node.kind === 'witness' ? loop('report', cluster.timings.renewSeconds, reportAsWitness) : null,
    node.kind === 'witness' ? loop('VIP of the witness', 1, witnessVipOf(options, lease)) : null,
    probe.run(signal),
    database?.run(signal),
    aborted(signal),
  ]);
  socket.close();
  await stop(server, database);
  await lease.close();
  releasePidFile(paths.agentPidFile);
  log.info({}, 'agent ended');
}

function witnessVipOf({ identity, paths, log }: AgentOptions, lease: LeaseService): () => Promise<void> {
  const journal = fileJournal(paths.nodeJournal);
  return createWitnessVip({ ...identity, runner: localRunner, clock: systemClock, journal, lease, log });
}

/** Makes the step: it hears what the others say of themselves, and tells what it knows. */
function witnessReporter(node: NodeConfig, lease: LeaseService, probe: PeerProbe): () => Promise<void> {
  const primaries = new LastPrimaries(probe);
  return async () => {
    const now = bootMillis();
    primaries.take(othersOf(lease), now);
    lease.setReport(witnessReport(node, probe.sights(), primaries.remembered(now)));
  };
}

/** A voter without data has only to tell what it sees, and what it last heard of a primary. */
function witnessReport(
  node: NodeConfig,
  sights: readonly Sight[],
  remembers: RememberedPrimary | null,
): NodeReport {
  return {
    node: node.name as NodeName,
    kind: 'witness',
    adopted: false,
    server: null,
    holdsVip: null,
    fenced: null,
    readyToSucceed: false,
    priority: node.priority,
    sights,
    remembers,
  };
}

async function serve(options: AgentOptions, ready: () => boolean, sources: ScrapeSources): Promise<Server> {
  const expose = createExposition();
  const app = createServer({
    node: options.identity.node.name,
    cluster: options.identity.cluster.name,
    version: options.version,
    metrics: async (budgetMs, format) => expose(metricsOf(await scrape(sources, budgetMs)), format),
    ready,
    reload: options.reload,
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
