/** P1 and P2 on a real server: what is slow, full, locked or busy lives; only what is silent or cannot be written in two ways does not. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Client } from 'pg';
import type { ClusterConfig } from '../../../../src/config/schema.ts';
import { createHeartbeat, createHeartbeatSession } from '../../../../src/node/heartbeat.ts';
import { createLifeProbe } from '../../../../src/node/keeper/life-probe.ts';
import { systemClock } from '../../../../src/world/clock.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf } from '../../../support/procedure-context.ts';
import { silent } from '../../../support/silent-log.ts';

let playground: Playground;
let server: TestServer;
let cluster: ClusterConfig;

beforeAll(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  ({ cluster } = await contextOf(playground.directory, server, [server], { sqlStatementSeconds: 0.5 }));
}, 60_000);
afterAll(() => playground.remove());

/** Sends a signal to every process of the server. */
async function signalAll(signal: NodeJS.Signals): Promise<void> {
  for (const { pid } of await processesOf(server.postgres.dataDirectory)) process.kill(pid, signal);
}

describe('the life probe', () => {
  test('finds life in an answer, and silence only where every process is stopped', async () => {
    const probe = createLifeProbe(cluster);
    await probe.step();
    expect(probe.silentSince()).toBeNull();
    await signalAll('SIGSTOP');
    try {
      await probe.step();
      const since = probe.silentSince();
      expect(since).not.toBeNull();
      await probe.step();
      expect(probe.silentSince()).toBe(since);
    } finally {
      await signalAll('SIGCONT');
    }
    await probe.step();
    expect(probe.silentSince()).toBeNull();
    await probe.close();
  }, 30_000);

  test('takes a server whose postmaster alone is stopped for alive: its sessions go on', async () => {
    const probe = createLifeProbe(cluster);
    await probe.step();
    const pid = await postmasterPid(server);
    process.kill(pid, 'SIGSTOP');
    try {
      await probe.step();
      expect(probe.silentSince()).toBeNull();
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await probe.close();
  }, 30_000);

  test('takes a server without a free connection for alive: it says so', async () => {
    const probe = createLifeProbe(cluster);
    const { port } = server.postgres;
    const options = { host: server.socketDirectory, port, user: 'postgres', database: 'postgres' };
    const clients = Array.from({ length: 35 }, () => new Client(options));
    for (const client of clients) client.on('error', () => undefined);
    const connected = await Promise.allSettled(clients.map((client) => client.connect()));
    expect(connected.some((it) => it.status === 'rejected')).toBe(true);
    await probe.step();
    expect(probe.silentSince()).toBeNull();
    await Promise.allSettled(clients.map((client) => client.end()));
    await probe.close();
  }, 30_000);
});

describe('the heartbeat', () => {
  const writer = () => {
    const session = createHeartbeatSession(cluster);
    return { session, heartbeat: createHeartbeat(session, cluster, () => 'primary', systemClock, silent) };
  };
  const refuse = (table: string): Promise<unknown> =>
    sql(
      server,
      `create trigger refuse before insert or update on ${table} for each row execute function public.refuse()`,
    );

  test('that meets a lock is no server that cannot be written', async () => {
    const { session, heartbeat } = writer();
    const { port } = server.postgres;
    const blocker = new Client({
      host: server.socketDirectory,
      port,
      user: 'postgres',
      database: 'postgres',
    });
    await blocker.connect();
    await blocker.query('begin; lock table public.sr_delay in exclusive mode');
    await heartbeat.step();
    expect(heartbeat.last()).toMatchObject({ success: false });
    expect(heartbeat.cannotWriteSince()).toBeNull();
    await blocker.end();
    await heartbeat.step();
    expect(heartbeat.last()).toMatchObject({ success: true });
    await session.close();
  }, 30_000);

  test('and a second, different write must both fail', async () => {
    await sql(
      server,
      `create function public.refuse() returns trigger language plpgsql as
       $$ begin raise exception using errcode = '53100', message = 'no space left on device'; end $$`,
    );
    const { session, heartbeat } = writer();
    await refuse('public.sr_delay');
    await heartbeat.step();
    expect(heartbeat.last()).toMatchObject({ success: false });
    expect(heartbeat.cannotWriteSince()).toBeNull();
    await refuse('primacy.marker');
    await heartbeat.step();
    const since = heartbeat.cannotWriteSince();
    expect(since).not.toBeNull();
    await heartbeat.step();
    expect(heartbeat.cannotWriteSince()).toBe(since);
    await sql(server, 'drop function public.refuse() cascade');
    await heartbeat.step();
    expect(heartbeat.cannotWriteSince()).toBeNull();
    await session.close();
  }, 30_000);
});
