/** However we end a primary whose commits wait for their standby, no client is told that such a commit was done. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { activateGuards, installGuards } from '../../../../src/node/adopt/install-guards.ts';
import { proveDeath } from '../../../../src/node/hand-over/prove-death.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { endPostgres } from '../../../../src/node/procedures/stop-postgres.ts';
import { stopGuarded } from '../../../../src/node/start/stop-guarded.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { stopPostgres } from '../../../../src/world/postgres/service.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import {
  createGuardContext,
  createNamespace,
  endChild,
  eventually,
  writeLease,
} from '../../../support/guard-ground.ts';
import { killPostmaster, leaseOf, setSetting } from '../../../support/hand-over.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, orderOf } from '../../../support/procedure-context.ts';

const WRITERS = 8;

let playground: Playground;
let primary: TestServer;
let standby: TestServer;
let context: ProcedureContext;

beforeEach(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
  await sql(primary, 'create table ledger (id int primary key)');
  standby = await playground.createStandby('pg2', primary);
  context = await contextOf(playground.directory, primary, [primary, standby]);
  await setSetting(primary, 'synchronous_standby_names', 'FIRST 1 (pg2)');
});
afterEach(async () => {
  await playground.remove();
});

/** Clients that write one row after the other, until their server is gone. */
class Writers {
  readonly acknowledged = new Set<number>();
  tried = 0;
  readonly #running: Promise<void>[] = [];

  start(): void {
    for (let number = 0; number < WRITERS; number += 1) this.#running.push(this.#write());
  }

  /** Until every one of them has lost its connection. */
  async ended(): Promise<void> {
    await Promise.all(this.#running);
  }

  async #write(): Promise<void> {
    const client = new Client({
      host: primary.socketDirectory,
      port: primary.postgres.port,
      user: 'postgres',
      database: 'postgres',
    });
    client.on('error', () => undefined);
    await client.connect();
    for (;;) {
      this.tried += 1;
      const id = this.tried;
      try {
        await client.query('insert into ledger values ($1)', [id]);
        this.acknowledged.add(id);
      } catch {
        // Whatever the server said, it was no acknowledgement: its connection is over.
        return;
      }
    }
  }
}

/** Cuts the standby off while clients write, ends the primary, promotes the standby: the acknowledged rows that it does not have. */
async function lostBy(end: () => Promise<unknown>): Promise<readonly number[]> {
  await expect
    .poll(() => sql(primary, "select from pg_stat_replication where sync_state = 'sync'"), {
      timeout: 20_000,
    })
    .toHaveLength(1);
  const writers = new Writers();
  writers.start();
  await expect.poll(() => writers.acknowledged.size, { timeout: 20_000 }).toBeGreaterThan(50);
  await setSetting(standby, 'primary_conninfo', '');
  await expect.poll(waiting, { timeout: 20_000 }).toBe(WRITERS);
  await end();
  await writers.ended();
  // Each writer had one commit under way that nobody may have been told of.
  expect(writers.tried).toBeGreaterThanOrEqual(writers.acknowledged.size + WRITERS);
  await promoteServer(standby);
  const rows = await sql<{ id: number }>(standby, 'select id from ledger');
  const there = new Set(rows.map(({ id }) => id));
  return [...writers.acknowledged].filter((id) => !there.has(id));
}

async function waiting(): Promise<number> {
  const rows = await sql(primary, "select from pg_stat_activity where wait_event = 'SyncRep'");
  return rows.length;
}

const step = <T>(_: string, act: () => Promise<T>): Promise<T> => act();
const kill = (): Promise<void> => killPostgres(primary.postgres.dataDirectory, systemClock, 10);

test.each<[string, () => Promise<unknown>]>([
  ['its postmaster is killed', () => killPostmaster(primary)],
  ['the lease is lost: all of it is killed', kill],
  ['a person stops it', () => stopGuarded(context, STOP)],
  ['the responder fences it', () => fence(context, { ...orderOf('r-1', 1), reason: 'dual-primary' })],
  ['a fence ends it from the kindest way to the surest', () => endPostgres(context, step)],
  ['it is stopped for a switchover, and its death is proven', stopForSwitchover],
  ['it is ended at once', () => stopPostgres(localRunner, primary.postgres, 'immediate', 10)],
])('%s: no acknowledged row is missing on the successor', async (_, end) => {
  expect(await lostBy(end)).toEqual([]);
});

test('the fuse ends it, because the lease has passed: no acknowledged row is missing on the successor', async () => {
  const guards = createGuardContext(playground.directory, primary);
  const host = await createNamespace();
  await installGuards(guards);
  await activateGuards(guards);
  writeLease(guards, 60_000);
  writeFileSync(guards.paths.adoption, '{}');
  const fuse = host.start(join(guards.paths.guardDirectory, 'fuse-supervisor'));
  const byFuse = async (): Promise<void> => {
    writeLease(guards, -10);
    await eventually(async () => (await processesOf(primary.postgres.dataDirectory)).length === 0);
  };
  try {
    expect(await lostBy(byFuse)).toEqual([]);
  } finally {
    await endChild(fuse, 'SIGTERM');
    host.end();
  }
});

test('were the setting emptied on a primary that is about to go, rows would be lost: what this test looks at is there to be seen', async () => {
  const release = async (): Promise<void> => {
    await setSetting(primary, 'synchronous_standby_names', '');
    await expect.poll(waiting, { timeout: 20_000 }).toBe(0);
    await kill();
  };
  expect((await lostBy(release)).length).toBeGreaterThan(0);
});

const STOP = { mode: 'fast', limitSeconds: 20, handOver: false, progress: () => undefined } as const;

/** As the agent's step-down does it. */
async function stopForSwitchover(): Promise<void> {
  await stopPostgres(localRunner, primary.postgres, 'fast', 20);
  const last = { lease: leaseOf(primary), timeline: null, flushLsn: null, synchronous: null };
  const { lock } = await proveDeath(context, last);
  await lock.release();
}
