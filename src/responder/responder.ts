/** The program on the monitoring host: opens the store, keeps connections warm, listens, and runs one worker per cluster. */
import type { Server } from 'node:http';
import { pino } from 'pino';
import { readSecret } from '../config/secrets.ts';
import type { ValidConfig } from '../config/load.ts';
import type { ClusterConfig } from '../config/schema.ts';
import type { ClusterName } from '../core/model/names.ts';
import { PrimacyError, errorText } from '../core/model/primacy-error.ts';
import { responderMetrics } from '../metrics/responder-metrics.ts';
import { systemClock } from '../world/clock.ts';
import { sshNodeLink } from '../world/remote/ssh-node-link.ts';
import { ClusterWorker } from './execute/cluster-worker.ts';
import type { ClusterContext, Log } from './execute/context.ts';
import { makeLookout } from './execute/lookout.ts';
import { takeSnapshot } from './execute/take-snapshot.ts';
import { runbooksDirectory } from './pages/runbooks.ts';
import { createServer } from './server.ts';
import { latestRemediation } from './store/remediations.ts';
import { openStore, type Store } from './store/store.ts';

/** Lost connections are made again this often, so that the first urgent request finds one. */
const WARM_UP_INTERVAL_MS = 5_000;

/** Serves until `signal` aborts. Throws `config-invalid` or `missing-prerequisite` where it cannot start. */
export async function runResponder(config: ValidConfig, signal: AbortSignal): Promise<void> {
  const log = pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime }, pino.destination(2));
  const token = await readSecret(config, ['responder', 'secretFiles', 'webhookToken']);
  const sshKey = await readSecret(config, ['responder', 'secretFiles', 'sshKey']);
  for (const { warning } of [token, sshKey]) if (warning !== null) log.warn({}, warning);
  const store = await openStore(config.responder.store);
  const contexts = new Map(
    config.clusters.map((cluster) => [cluster.name, contextOf(config, cluster, sshKey.value, store, log)]),
  );
  const workers = new Map([...contexts].map(([name, context]) => [name, new ClusterWorker(context)]));
  const metrics = responderMetrics(() => readRemediationStates(store, [...contexts.keys()]));
  let ready = false;
  const app = createServer({
    contexts,
    store,
    metrics,
    log,
    runbooks: runbooksDirectory,
    ready: () => ready,
    webhook: {
      store,
      metrics,
      log,
      token: token.value,
      clusters: new Set(contexts.keys()),
      notify: (cluster) => workers.get(cluster)?.notify(),
    },
  });
  const server = await listen(app, config.responder.listen);
  ready = true;
  log.info({ listen: config.responder.listen, policy: config.responder.policy }, 'responder listens');
  const ending = new AbortController();
  const warming = keepWarm([...contexts.values()], ending.signal, log);
  const working = [...workers.values()].map((worker) => worker.run());
  const stopped = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    // A worker ends by itself only by our own bug or a broken store: then the whole program ends, and is started again.
    await Promise.race([stopped, ...working, warming]);
  } finally {
    ending.abort();
    for (const worker of workers.values()) worker.stop();
    server.close();
    server.closeAllConnections();
    for (const context of contexts.values()) context.link.close();
  }
}

function contextOf(
  config: ValidConfig,
  cluster: ClusterConfig,
  sshKey: string,
  store: Store,
  log: Log,
): ClusterContext {
  const link = sshNodeLink(cluster, sshKey);
  const clock = systemClock;
  return {
    cluster,
    policy: config.responder.policy,
    link,
    lookout: makeLookout((only) => takeSnapshot(cluster, link, clock, only), clock),
    store,
    clock,
    log,
  };
}

async function keepWarm(contexts: readonly ClusterContext[], signal: AbortSignal, log: Log): Promise<void> {
  while (!signal.aborted) {
    await Promise.all(contexts.map((context) => context.link.warmUp()));
    try {
      await systemClock.wait(WARM_UP_INTERVAL_MS, signal);
    } catch (error) {
      if (!signal.aborted) log.error({ error: errorText(error) }, 'cannot wait');
    }
  }
}

async function readRemediationStates(
  store: Store,
  clusters: readonly string[],
): Promise<readonly { readonly cluster: string; readonly state: string }[]> {
  return await Promise.all(
    clusters.map(async (cluster) => ({
      cluster,
      state: (await latestRemediation(store, cluster as ClusterName))?.state ?? 'none',
    })),
  );
}

function listen(app: ReturnType<typeof createServer>, address: string): Promise<Server> {
  const colon = address.lastIndexOf(':');
  const host = address.slice(0, colon).replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    const server = app.listen(Number(address.slice(colon + 1)), host, (error?: Error) => {
      if (error === undefined) return resolve(server);
      reject(
        new PrimacyError('missing-prerequisite', `cannot listen on ${address}: ${errorText(error)}`, {
          cause: error,
        }),
      );
    });
  });
}
