/** The peer probe against a real server that answers, is full, hangs and dies: the kinds are kept apart, and the last word is kept. */
import { rename } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';
import type { NodeName } from '../../../src/core/model/names.ts';
import type { PeerAnswer } from '../../../src/node/peer-look.ts';
import { createPeerProbe, type PeerProbe } from '../../../src/node/peer-probe.ts';
import { bootMillis, pollUntil, systemClock } from '../../../src/world/clock.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../support/postgres-cluster.ts';
import { signalAll, untilStopped } from '../../support/postgres-lookers.ts';

const PG1 = 'pg1' as NodeName;
let playground: Playground;
let server: TestServer;
let probe: PeerProbe;
let stop: AbortController;
let running: Promise<void>;

beforeAll(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1', [
    'max_connections = 12',
    'superuser_reserved_connections = 3',
  ]);
});
afterAll(() => playground.remove());

beforeEach(() => {
  const nodes = [
    { name: 'pg1', addresses: ['127.0.0.1'] },
    { name: 'witness', kind: 'witness', addresses: ['127.0.0.2'] },
  ];
  const [cluster] = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '192.0.2.1/24',
        interface: 'lo',
        vrid: 1,
        postgres: server.postgres,
        nodes,
        timings: { peerProbeSeconds: 0.05 },
      },
    ],
  }).clusters;
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  probe = createPeerProbe({ cluster: cluster!, node: cluster!.nodes[1]!, log });
  stop = new AbortController();
  running = probe.run(stop.signal);
});
afterEach(async () => {
  stop.abort();
  await running;
});

async function until(look: () => boolean): Promise<void> {
  const seen = await pollUntil(systemClock, 20_000, 10, async () => look() || undefined);
  if (seen === undefined) throw new Error(`not within 20 s: ${look.toString()}`);
}

const untilAnswer = (answer: PeerAnswer) => until(() => probe.of(PG1).look?.answer === answer);

test('a primary is seen as one, with position, heartbeat and history of this look', async () => {
  await sql(server, "update sr_delay set sr_date = '2026-01-02 03:04:05+00' where id = 1");
  await until(() => probe.of(PG1).asPrimary?.heartbeat === Date.UTC(2026, 0, 2, 3, 4, 5) / 1000);
  const { look, answered, asPrimary } = probe.of(PG1);
  expect(look).toMatchObject({ answer: 'answered', role: 'primary' });
  expect(asPrimary).toBe(answered);
  // sha256 of the empty text: timeline 1 has no history file.
  expect(asPrimary).toMatchObject({ role: 'primary', timeline: 1, historyHash: 'e3b0c44298fc1c14' });
  const [row] = await sql<{ lsn: string; id: string }>(
    server,
    'select pg_current_wal_lsn()::text as lsn, system_identifier::text as id from pg_control_system()',
  );
  expect(asPrimary?.systemIdentifier).toBe(row?.id);
  expect(asPrimary?.lsn).toBeGreaterThan(0n);
  expect(probe.sights()).toMatchObject([{ node: 'pg1', role: 'primary' }]);
  expect(probe.sights()[0]?.ageMs).toBeGreaterThanOrEqual(0);
  expect(bootMillis() - asPrimary!.at).toBeLessThan(20_000);
});

test('a witness is never probed', () => {
  expect(probe.of('witness' as NodeName)).toEqual({ look: null, answered: null, asPrimary: null });
  expect(probe.sights().map((it) => it.node)).not.toContain('witness');
});

test('a server that hangs is silent, and its last word is kept with its age', async () => {
  await until(() => probe.of(PG1).asPrimary !== null);
  await signalAll(server, 'SIGSTOP');
  try {
    await untilStopped(server);
    await untilAnswer('silent');
    const { look, asPrimary } = probe.of(PG1);
    expect(look?.role).toBe('unknown');
    expect(asPrimary?.lsn).toBeGreaterThan(0n);
    expect(asPrimary!.at).toBeLessThan(look!.beganAt);
  } finally {
    await signalAll(server, 'SIGCONT');
  }
  await untilAnswer('answered');
});

test('a server without a free connection has answered: it lives', async () => {
  await sql(server, 'alter role primacy connection limit 0');
  try {
    await sql(server, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'primacy'");
    await untilAnswer('rejected');
    expect(probe.of(PG1).look).toMatchObject({ role: 'unknown' });
    expect(probe.of(PG1).look?.detail).toContain('53300');
  } finally {
    await sql(server, 'alter role primacy connection limit -1');
  }
  await untilAnswer('answered');
});

test('a server that is gone is refused, and down', async () => {
  await until(() => probe.of(PG1).asPrimary !== null);
  await stopServer(server, 'immediate');
  await untilAnswer('refused');
  expect(probe.of(PG1).look?.role).toBe('down');
  expect(probe.of(PG1).asPrimary?.role).toBe('primary');
  await startServer(server);
  await untilAnswer('answered');
});

test('without our own password nothing is claimed about the server', async () => {
  const { passwordFile } = server.postgres;
  await untilAnswer('answered');
  await rename(passwordFile, `${passwordFile}.away`);
  try {
    await sql(server, "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'primacy'");
    await until(() => probe.of(PG1).look === null);
    expect(probe.sights()).toEqual([]);
    expect(probe.of(PG1).asPrimary).not.toBe(null);
  } finally {
    await rename(`${passwordFile}.away`, passwordFile);
  }
  await untilAnswer('answered');
});
