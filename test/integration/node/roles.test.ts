/** The role rules against real servers: whatever PostgreSQL does, a look ends in time and says what was seen, never what was. */
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { configSchema, type PostgresConfig, type Timings } from '../../../src/config/schema.ts';
import {
  createPostgresLooker,
  type PostgresLook,
  type PostgresLooker,
} from '../../../src/node/postgres-look.ts';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { postmasterOf, processesOf } from '../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../support/postgres-cluster.ts';

const timings: Timings = {
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
let playground: Playground;
let primary: TestServer;

const lookerFor = (postgres: PostgresConfig): PostgresLooker => {
  const looker = createPostgresLooker(postgres, 'postgres', timings);
  lookers.push(looker);
  return looker;
};
const signalAll = async (server: TestServer, signal: NodeJS.Signals): Promise<void> => {
  for (const { pid } of await processesOf(server.postgres.dataDirectory)) process.kill(pid, signal);
};
/** A signal takes effect when its process is next scheduled, so the first one is waited for. */
const untilStopped = async (server: TestServer): Promise<void> => {
  const stopped = await pollUntil(systemClock, 5_000, 5, async () => {
    const postmaster = postmasterOf(await processesOf(server.postgres.dataDirectory));
    return postmaster?.state === 'T' ? true : undefined;
  });
  expect(stopped).toBe(true);
};
const untilRole = (looker: PostgresLooker, role: PostgresLook['role']): Promise<PostgresLook | undefined> =>
  pollUntil(systemClock, 20_000, 50, async () => {
    const look = await looker.look();
    return look.role === role ? look : undefined;
  });

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
});
afterEach(async () => {
  for (const looker of lookers.splice(0)) await looker.close();
});
afterAll(() => playground.remove());

test('a running primary is primary, with timeline, position and heartbeat of this look', async () => {
  const looker = lookerFor(primary.postgres);
  const first = await looker.look();
  expect(first).toMatchObject({ role: 'primary', sample: { kind: 'known' } });
  await sql(primary, "update sr_delay set sr_date = '2026-01-02 03:04:05+00' where id = 1");
  const second = await looker.look();
  if (first.sample.kind !== 'known' || second.sample.kind !== 'known') throw new Error('no sample');
  expect(second.sample.value.heartbeat).toMatchObject({
    value: { stored: Date.UTC(2026, 0, 2, 3, 4, 5) / 1000 },
  });
  expect(second.sample.value.currentLsn! > first.sample.value.currentLsn!).toBe(true);
  expect(second.sample.value.timeline).toEqual({ kind: 'known', value: 1 });
});

test('a standby is a standby, and after its promotion a primary on the next timeline with its history', async () => {
  const standby = await playground.createStandby('pg2', primary);
  const looker = lookerFor(standby.postgres);
  expect(await looker.look()).toMatchObject({ role: 'standby', sample: { kind: 'known' } });
  await promoteServer(standby);
  const look = await looker.look();
  expect(look).toMatchObject({ role: 'primary', sample: { value: { timeline: { value: 2 } } } });
  if (look.sample.kind !== 'known' || look.sample.value.history.kind !== 'known')
    throw new Error('no history');
  expect(look.sample.value.history.value).toMatch(/^1\t/);
  await stopServer(standby, 'immediate');
  expect(await looker.look()).toMatchObject({ role: 'down', sample: { kind: 'unknown' } });
});

test('a standby without a WAL receiver keeps its role, and its timeline as long as no later history is there', async () => {
  const lonely = await playground.createStandby('pg3', primary);
  await sql(lonely, "alter system set primary_conninfo = ''");
  await sql(lonely, 'select pg_reload_conf()');
  const looker = lookerFor(lonely.postgres);
  const look = await pollUntil(systemClock, 10_000, 50, async () => {
    const it = await looker.look();
    return it.sample.kind === 'known' && it.sample.value.receiver === null ? it : undefined;
  });
  expect(look).toMatchObject({
    role: 'standby',
    sample: { value: { timeline: { kind: 'known', value: 1 } } },
  });
  await writeFile(join(lonely.postgres.dataDirectory, 'pg_wal', '00000002.history'), '1\t0/3000000\tx\n');
  expect(await looker.look()).toMatchObject({
    role: 'standby',
    sample: { value: { timeline: { kind: 'unknown' } } },
  });
  await stopServer(lonely, 'immediate');
});

test('a server in recovery without standby.signal is starting: that recovery ends in a writable server', async () => {
  const restoring = await playground.createStandby('pg4', primary);
  // A commit that recovery has to wait an hour for: the server is consistent by then and lets readers in.
  await sql(restoring, "alter system set recovery_min_apply_delay = '1h'");
  await sql(restoring, 'select pg_reload_conf()');
  await sql(primary, 'update sr_delay set sr_date = now()');
  const [end] = await sql<{ lsn: string }>(primary, 'select pg_current_wal_lsn()::text as lsn');
  const received = await pollUntil(systemClock, 10_000, 50, async () => {
    const [row] = await sql<{ done: boolean }>(
      restoring,
      'select pg_last_wal_receive_lsn() >= $1::pg_lsn as done',
      [end!.lsn],
    );
    return row!.done ? true : undefined;
  });
  expect(received).toBe(true);
  await stopServer(restoring, 'fast');
  await rm(join(restoring.postgres.dataDirectory, 'standby.signal'));
  await writeFile(join(restoring.postgres.dataDirectory, 'recovery.signal'), '');
  await writeFile(
    join(restoring.postgres.dataDirectory, 'postgresql.auto.conf'),
    "primary_conninfo = ''\nrestore_command = 'false'\nrecovery_min_apply_delay = '1h'\n",
  );
  const looker = lookerFor(restoring.postgres);
  await startServer(restoring);
  expect(await looker.look()).toMatchObject({ role: 'starting' });
  await stopServer(restoring, 'immediate');
});

test('a stopped postmaster is unknown at once, though its old sessions would still answer', async () => {
  const looker = lookerFor(primary.postgres);
  await looker.look();
  process.kill(await postmasterPid(primary), 'SIGSTOP');
  try {
    await untilStopped(primary);
    expect(await looker.look()).toMatchObject({
      role: 'unknown',
      roleReason: 'the postmaster is stopped by a signal',
      sample: { kind: 'unknown' },
    });
  } finally {
    process.kill(await postmasterPid(primary), 'SIGCONT');
  }
  expect(await untilRole(looker, 'primary')).toBeDefined();
});

test('a server whose processes are all stopped is unknown, and primary again when it goes on', async () => {
  const looker = lookerFor(primary.postgres);
  await looker.look();
  await signalAll(primary, 'SIGSTOP');
  try {
    await untilStopped(primary);
    expect(await looker.look()).toMatchObject({ role: 'unknown', sample: { kind: 'unknown' } });
  } finally {
    await signalAll(primary, 'SIGCONT');
  }
  expect(await untilRole(looker, 'primary')).toBeDefined();
});

test('a backend that hangs is unknown within the limit', async () => {
  const looker = lookerFor(primary.postgres);
  await looker.look();
  const [row] = await sql<{ pid: number }>(
    primary,
    "select pid from pg_stat_activity where application_name = 'primacy agent'",
  );
  process.kill(row!.pid, 'SIGSTOP');
  try {
    expect(await looker.look()).toMatchObject({
      role: 'unknown',
      roleReason: expect.stringContaining('no answer'),
    });
    // The next look takes a new connection, which nothing holds up.
    expect(await looker.look()).toMatchObject({ role: 'primary' });
  } finally {
    process.kill(row!.pid, 'SIGCONT');
  }
  expect(await untilRole(looker, 'primary')).toBeDefined();
});

test('a wrong password is unknown: the server lives and its role was not seen', async () => {
  const passwordFile = join(playground.directory, 'wrong');
  await writeFile(passwordFile, 'wrong');
  const look = await lookerFor({ ...primary.postgres, passwordFile }).look();
  expect(look).toMatchObject({ role: 'unknown', roleReason: expect.stringContaining('28P01') });
});

test('too many connections are unknown: the server lives and its role was not seen', async () => {
  await sql(primary, 'alter role primacy connection limit 1');
  const first = lookerFor(primary.postgres);
  await first.look();
  const second = await lookerFor(primary.postgres).look();
  await sql(primary, 'alter role primacy connection limit -1');
  expect(second).toMatchObject({ role: 'unknown', roleReason: expect.stringContaining('53300') });
});

test('a lock on sr_delay costs the heartbeat and not the role', async () => {
  const looker = lookerFor(primary.postgres);
  const { postgres, socketDirectory } = primary;
  const locker = new Client({
    host: socketDirectory,
    port: postgres.port,
    user: 'postgres',
    database: 'postgres',
  });
  await locker.connect();
  try {
    await locker.query('begin; lock table sr_delay in access exclusive mode');
    expect(await looker.look()).toMatchObject({
      role: 'primary',
      sample: { value: { heartbeat: { kind: 'unknown' }, standbySignal: { kind: 'known' } } },
    });
  } finally {
    await locker.end();
  }
  const back = await pollUntil(systemClock, 20_000, 100, async () => {
    const { sample } = await looker.look();
    return sample.kind === 'known' && sample.value.heartbeat.kind === 'known' ? true : undefined;
  });
  expect(back).toBe(true);
});

test("another data directory's server on the port is unknown, and nothing of it is told", async () => {
  const looker = lookerFor({ ...primary.postgres, dataDirectory: '/var/lib/postgresql/15/other' });
  expect(await looker.look()).toMatchObject({ role: 'unknown', sample: { kind: 'unknown' } });
});

test('orphans of a killed postmaster are no running server and not gone either', async () => {
  const looker = lookerFor(primary.postgres);
  await sql(
    primary,
    'create or replace procedure spin() language plpgsql as $$ begin loop perform 1; end loop; end $$',
  );
  const spinning = sql(primary, 'call spin()').catch(() => undefined);
  await pollUntil(systemClock, 5_000, 20, async () => {
    const rows = await sql(
      primary,
      "select 1 from pg_stat_activity where query = 'call spin()' and state = 'active'",
    );
    return rows.length > 0 ? true : undefined;
  });
  process.kill(await postmasterPid(primary), 'SIGKILL');
  await pollUntil(systemClock, 5_000, 20, async () => {
    const left = await processesOf(primary.postgres.dataDirectory);
    return left.length === 1 ? true : undefined;
  });
  expect(await looker.look()).toMatchObject({
    role: 'unknown',
    roleReason: expect.stringContaining('postmaster is gone'),
  });
  await signalAll(primary, 'SIGKILL');
  await spinning;
  expect(await untilRole(looker, 'down')).toBeDefined();
  // Until somebody has reaped the killed postmaster, its lock file still names a living process.
  const started = await pollUntil(systemClock, 20_000, 200, () =>
    startServer(primary).then(
      () => true,
      () => undefined,
    ),
  );
  expect(started).toBe(true);
  expect(await untilRole(looker, 'primary')).toBeDefined();
});
