/** Looks at real servers the way the agent does, with short limits, and closes every session afterwards. */
import { expect } from 'vitest';
import { configSchema, type PostgresConfig, type Timings } from '../../src/config/schema.ts';
import {
  createPostgresLooker,
  type PostgresLook,
  type PostgresLooker,
} from '../../src/node/postgres-look.ts';
import { pollUntil, systemClock } from '../../src/world/clock.ts';
import { postmasterOf, processesOf } from '../../src/world/postgres/processes.ts';
import type { TestServer } from './postgres-cluster.ts';

export const timings: Timings = {
  ...configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '10.0.0.100/24',
        interface: 'eth0',
        vrid: 1,
        nodes: [{ name: 'pg1', addresses: ['10.0.0.1'] }],
      },
    ],
  }).clusters[0]!.timings,
  sqlConnectSeconds: 1,
  sqlStatementSeconds: 1,
};
const lookers: PostgresLooker[] = [];

export function lookerFor(postgres: PostgresConfig): PostgresLooker {
  const looker = createPostgresLooker(postgres, 'postgres', timings);
  lookers.push(looker);
  return looker;
}

/** Call it in `afterEach`. */
export async function closeLookers(): Promise<void> {
  for (const looker of lookers.splice(0)) await looker.close();
}

/** A signal takes effect when its process is next scheduled, so the first one is waited for. */
export async function untilStopped(server: TestServer): Promise<void> {
  const stopped = await pollUntil(systemClock, 5_000, 5, async () => {
    const postmaster = postmasterOf(await processesOf(server.postgres.dataDirectory));
    return postmaster?.state === 'T' ? true : undefined;
  });
  expect(stopped).toBe(true);
}

export function untilRole(
  looker: PostgresLooker,
  role: PostgresLook['role'],
): Promise<PostgresLook | undefined> {
  return pollUntil(systemClock, 20_000, 50, async () => {
    const look = await looker.look();
    return look.role === role ? look : undefined;
  });
}

/** The same signal to every process of the data directory. */
export async function signalAll(server: TestServer, signal: NodeJS.Signals): Promise<void> {
  for (const { pid } of await processesOf(server.postgres.dataDirectory)) process.kill(pid, signal);
}
