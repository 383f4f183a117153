/** The role rules against real servers that hang, refuse or lost their postmaster: a look ends in time and claims nothing it did not see. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { processesOf } from '../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  sql,
  startServer,
  type Playground,
  type TestServer,
} from '../../support/postgres-cluster.ts';
import {
  closeLookers,
  lookerFor,
  signalAll,
  untilRole,
  untilStopped,
} from '../../support/postgres-lookers.ts';

let playground: Playground;
let primary: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
});
afterEach(closeLookers);
afterAll(() => playground.remove());

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
