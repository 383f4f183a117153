/** Three lease services on loopback addresses of their own, with real datagrams and real files, for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathsBelow, type Paths } from '../../src/config/paths.ts';
import { configSchema, type ClusterConfig } from '../../src/config/schema.ts';
import { createLeaseService, type LeaseServiceParts } from '../../src/node/lease/create-lease-service.ts';
import type { RunningLeaseService } from '../../src/node/lease/lease-service.ts';
import type { LeaseId } from '../../src/core/lease/lease.ts';
import type { Log } from '../../src/node/log.ts';
import { pollUntil, systemClock } from '../../src/world/clock.ts';
import { readLeaseFile } from '../../src/world/files/lease-file.ts';

export const TRIO = ['pg1', 'pg2', 'witness'] as const;
export type TrioName = (typeof TRIO)[number];

/** What a test may have otherwise for one node. */
export interface StartOptions extends Partial<Pick<LeaseServiceParts, 'memoryFile' | 'bind'>> {
  readonly cluster?: ClusterConfig;
}

export interface LeaseTrio {
  readonly cluster: ClusterConfig;
  readonly secret: string;
  /** The node's own address, at which it also listens. */
  readonly addressOf: (name: TrioName) => string;
  readonly pathsOf: (name: TrioName) => Pick<Paths, 'vote' | 'leaseFile' | 'overrideFile'>;
  /** Starts a service, or starts it again. */
  readonly start: (name: TrioName, options?: StartOptions) => Promise<RunningLeaseService>;
  /** Ends one service as the end of its agent would: nothing is told to anybody. */
  readonly end: (service: RunningLeaseService) => Promise<void>;
  /** Lines that the services logged. */
  readonly logged: readonly string[];
  /** A configuration of the same files with other values. */
  readonly clusterWith: (values: Readonly<Record<string, unknown>>) => ClusterConfig;
  /** Ends all and removes the files. */
  readonly remove: () => Promise<void>;
}

/** Makes the folders and the secret; `port` must be this trio's alone among tests that run at the same time. */
export async function createLeaseTrio(port: number): Promise<LeaseTrio> {
  const directory = await mkdtemp(join(tmpdir(), 'primacy-lease-'));
  const secretFile = join(directory, 'cluster-secret');
  const secret = 'a secret for three nodes of a test';
  await writeFile(secretFile, `${secret}\n`, { mode: 0o600 });
  const addressOf = (name: TrioName): string => `127.0.87.${TRIO.indexOf(name) + 1}`;
  const clusterWith = (values: Readonly<Record<string, unknown>>): ClusterConfig => {
    const nodes = TRIO.map((name) => ({
      name,
      kind: name === 'witness' ? 'witness' : 'database',
      addresses: [addressOf(name)],
    }));
    const agent = { voterPort: port, secretFile };
    const [cluster] = configSchema.parse({
      clusters: [{ name: 'main', vip: '10.87.0.100/24', interface: 'lo', vrid: 51, agent, nodes, ...values }],
    }).clusters;
    if (cluster === undefined) throw new Error('no cluster');
    return cluster;
  };
  const cluster = clusterWith({});
  const pathsOf = (name: TrioName) => {
    const { vote, leaseFile, overrideFile } = pathsBelow(
      join(directory, name),
      join(directory, `${name}-run`),
    );
    return { vote, leaseFile, overrideFile };
  };
  for (const name of TRIO) {
    await mkdir(join(directory, name));
    await mkdir(join(directory, `${name}-run`));
  }
  const logged: string[] = [];
  const log = collecting(logged);
  const running = new Set<RunningLeaseService>();
  const end = async (service: RunningLeaseService): Promise<void> => {
    running.delete(service);
    await service.close();
  };
  return {
    cluster,
    secret,
    addressOf,
    pathsOf,
    logged,
    clusterWith,
    end,
    start: async (name, options = {}) => {
      const its = options.cluster ?? cluster;
      const node = its.nodes.find((it) => it.name === name);
      if (node === undefined) throw new Error(`no node ${name}`);
      const { memoryFile, bind } = options;
      const service = await createLeaseService({
        cluster: its,
        node,
        paths: pathsOf(name),
        log,
        bind: bind ?? [addressOf(name)],
        ...(memoryFile === undefined ? {} : { memoryFile }),
      });
      running.add(service);
      return service;
    },
    remove: async () => {
      await Promise.all([...running].map(end));
      await rm(directory, { recursive: true, force: true });
    },
  };
}

const LIMIT_MS = 5_000;

export async function until(look: () => boolean): Promise<void> {
  const seen = await pollUntil(systemClock, LIMIT_MS, 5, async () => look() || undefined);
  if (seen === undefined) throw new Error(`not within ${LIMIT_MS} ms: ${look.toString()}`);
}

/** Waits until the fences of a node read that its lease has ended. */
export async function untilFenced(trio: LeaseTrio, name: TrioName): Promise<void> {
  const fenced = await pollUntil(systemClock, LIMIT_MS, 5, async () => {
    const file = await readLeaseFile(trio.pathsOf(name).leaseFile);
    return (file.kind === 'known' && file.value?.deadlineCs === 0) || undefined;
  });
  if (fenced === undefined) throw new Error(`${name} still has a deadline`);
}

/** Starts all three; the first one holds epoch 1. */
export async function withHolder(trio: LeaseTrio): Promise<Record<TrioName, RunningLeaseService>> {
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2');
  const witness = await trio.start('witness');
  const lease = await claimPatiently(pg1, true);
  if (lease?.epoch !== 1) throw new Error(`pg1 has no first epoch: ${JSON.stringify(lease)}`);
  return { pg1, pg2, witness };
}

/** Claims until it is granted: voters that never heard of a lease may wait as long as one could be there. */
export function claimPatiently(
  service: RunningLeaseService,
  adoption: boolean,
): Promise<LeaseId | undefined> {
  return pollUntil(systemClock, LIMIT_MS, 50, async () => (await service.claim(500, adoption)) ?? undefined);
}

function collecting(lines: string[]): Log {
  const note = (fields: Readonly<Record<string, unknown>>, message: string): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { info: note, warn: note, error: note };
}
