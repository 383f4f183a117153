/** A responder's context for tests: store in memory, fake nodes, fake clock, a log that keeps nothing. */
import { configSchema, type ClusterConfig, type ResponderConfig } from '../../src/config/schema.ts';
import { makeLookout } from '../../src/responder/execute/lookout.ts';
import { takeSnapshot } from '../../src/responder/execute/take-snapshot.ts';
import type { ClusterContext } from '../../src/responder/execute/context.ts';
import { openStore, type Store } from '../../src/responder/store/store.ts';
import type { Clock } from '../../src/world/clock.ts';
import type { NodeLink } from '../../src/world/remote/node-link.ts';
import { fakeClock } from './fake-clock.ts';

const nothing = (): void => undefined;

/** Cluster `main` with pg1 and pg2. */
export function pairConfig(): ClusterConfig {
  const config = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '10.0.0.100/24',
        interface: 'eth0',
        vrid: 51,
        nodes: [
          { name: 'pg1', addresses: ['10.0.0.1'] },
          { name: 'pg2', addresses: ['10.0.0.2'] },
        ],
      },
    ],
  });
  const [cluster] = config.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

/** A context over this link; the store is shared with an earlier one where it is given, as after a restart. */
export async function responderContext(
  link: NodeLink,
  options: {
    readonly policy?: ResponderConfig['policy'];
    readonly store?: Store;
    readonly clock?: Clock;
  } = {},
): Promise<ClusterContext> {
  const cluster = pairConfig();
  const clock = options.clock ?? fakeClock();
  return {
    cluster,
    policy: options.policy ?? 'approve',
    link,
    lookout: makeLookout((only) => takeSnapshot(cluster, link, clock, only), clock),
    store: options.store ?? (await openStore(':memory:')),
    clock,
    log: { info: nothing, warn: nothing, error: nothing },
  };
}
