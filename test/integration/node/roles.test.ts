/** The role rules against real servers that run, stop and promote: a look says what was seen, never what was. */
import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { ISOLATED_PREFIX, isolatedSettings } from '../../../src/world/postgres/recovery-settings.ts';
import { startPostgres } from '../../../src/world/postgres/service.ts';
import { localRunner } from '../../../src/world/remote/local-runner.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../support/postgres-cluster.ts';
import { closeLookers, lookerFor } from '../../support/postgres-lookers.ts';

let playground: Playground;
let primary: TestServer;

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
});
afterEach(closeLookers);
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

test('a standby’s data are of the newest epoch whose row it replayed; while that cannot be read nobody knows', async () => {
  const standby = await playground.createStandby('pg7', primary);
  const looker = lookerFor(standby.postgres);
  const epoch = async (): Promise<number | null | undefined> => {
    const { sample } = await looker.look();
    return sample.kind === 'known' ? sample.value.dataEpoch : undefined;
  };
  expect(await epoch()).toBeNull();
  for (const number of [7, 6])
    await sql(
      primary,
      `insert into primacy.epoch (id, node, epoch, written_at) values (gen_random_uuid(), 'pg1', ${number}, now())`,
    );
  await expect.poll(epoch, { timeout: 10_000 }).toBe(7);
  await sql(primary, 'alter table primacy.epoch rename to taken_away');
  await expect.poll(epoch, { timeout: 10_000 }).toBeNull();
  await sql(primary, 'alter table primacy.taken_away rename to epoch');
  await expect.poll(epoch, { timeout: 10_000 }).toBe(7);
  await stopServer(standby, 'immediate');
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

test('what a procedure started for itself alone is starting, and not a server that hangs', async () => {
  const discarded = await playground.createStandby('pg9', primary);
  await stopServer(discarded, 'fast');
  const sockets = join(playground.directory, `${ISOLATED_PREFIX}pg9`);
  const { uid, gid } = await stat(discarded.postgres.dataDirectory);
  await mkdir(sockets);
  await chown(sockets, uid, gid);
  const started = await startPostgres(localRunner, discarded.postgres, 30, isolatedSettings(1, sockets));
  expect(started.kind).toBe('done');
  expect(await lookerFor(discarded.postgres).look()).toMatchObject({
    role: 'starting',
    roleReason: expect.stringMatching(/^an isolated standby/) as unknown,
    sample: { kind: 'unknown' },
  });
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
