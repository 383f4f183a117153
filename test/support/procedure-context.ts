/** A procedure context for a test server: real PostgreSQL, files and journal; the VIP is a value, because addresses belong to the lab. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathsBelow } from '../../src/config/paths.ts';
import { configSchema, type ClusterConfig } from '../../src/config/schema.ts';
import { known } from '../../src/core/model/known.ts';
import type { FenceNumber, NodeName, RemediationId } from '../../src/core/model/names.ts';
import type { ProcedureContext } from '../../src/node/procedures/context.ts';
import type { VipControl } from '../../src/node/procedures/vip-control.ts';
import { systemClock } from '../../src/world/clock.ts';
import { fileJournal } from '../../src/world/files/node-journal.ts';
import { localRunner } from '../../src/world/remote/local-runner.ts';
import type { TestServer } from './postgres-cluster.ts';

/** No VIP, no keepalived: what it is asked to do it does by doing nothing. The lab proves the real one. */
const NO_VIP: VipControl = {
  closeGate: () => Promise.resolve(),
  read: () => Promise.resolve(known({ present: false, interface: null })),
  keepalivedActs: () => false,
  stopKeepalived: () => Promise.resolve(),
  startKeepalivedAgain: () => Promise.resolve(),
  removeAddress: () => Promise.resolve({ kind: 'done', stdout: '', stderr: '' }),
};

/** The context of `own`, whose cluster has both servers; state and run folders stand beside its data directory. */
export async function contextOf(
  playground: string,
  own: TestServer,
  servers: readonly TestServer[],
  timings: Readonly<Record<string, number>> = {},
): Promise<ProcedureContext> {
  const cluster = clusterOf(own, servers, timings);
  const node = cluster.nodes.find((it) => it.name === own.name);
  if (node === undefined) throw new Error(`${own.name} is not among the servers`);
  const paths = pathsBelow(join(playground, `${own.name}-state`), join(playground, `${own.name}-run`));
  await mkdir(paths.stateDirectory, { recursive: true });
  await mkdir(paths.runDirectory, { recursive: true });
  return {
    cluster,
    node,
    paths,
    clock: systemClock,
    runner: localRunner,
    journal: fileJournal(paths.nodeJournal),
    vip: NO_VIP,
    local: { host: '127.0.0.1', port: own.postgres.port },
    endpointOf: (name) => {
      const server = servers.find((it) => it.name === name);
      if (server === undefined) throw new Error(`no server ${name}`);
      return { host: '127.0.0.1', port: server.postgres.port };
    },
    lockDescriptors: [],
  };
}

function clusterOf(
  own: TestServer,
  servers: readonly TestServer[],
  timings: Readonly<Record<string, number>>,
): ClusterConfig {
  const config = configSchema.parse({
    clusters: [
      {
        name: 'test',
        vip: '192.0.2.1/24',
        interface: 'lo',
        vrid: 1,
        nodes: servers.map((it) => ({ name: it.name, addresses: ['127.0.0.1'] })),
        postgres: own.postgres,
        account: { ignore: ['public.probe'] },
        timings: { streamingSeconds: 10, markerRowSeconds: 10, ...timings },
      },
    ],
  });
  const [cluster] = config.clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

/** An order of one remediation. */
export function orderOf(
  remediation: string,
  fenceNumber = 1,
): { remediation: RemediationId; fenceNumber: FenceNumber } {
  return { remediation: remediation as RemediationId, fenceNumber: fenceNumber as FenceNumber };
}

/** A name as the vocabulary wants it. */
export function nodeNamed(server: TestServer): NodeName {
  return server.name as NodeName;
}
