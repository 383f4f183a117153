/** A successor has every acknowledged row of a primary that died, also where its WAL receiver was frozen: facts.md section 10, rebuilt. */
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { writeChain } from '../../../../src/node/hand-over/chain.ts';
import type { HandOverContext } from '../../../../src/node/hand-over/context.ts';
import { bytesLeftBehind } from '../../../../src/node/hand-over/left-behind.ts';
import { promoteServer } from '../../../../src/node/hand-over/promote-server.ts';
import { proveDeath, type ProvenDeath } from '../../../../src/node/hand-over/prove-death.ts';
import { rescueTail } from '../../../../src/node/hand-over/rescue-tail.ts';
import { createWalServer, type WalServer } from '../../../../src/node/hand-over/wal-server.ts';
import { postmasterOf, processesOf } from '../../../../src/world/postgres/processes.ts';
import { recoveryProcessesOf } from '../../../../src/world/postgres/recovery-processes.ts';
import {
  handOverContext,
  installWrapper,
  killPostmaster,
  leaseOf,
  setSetting,
} from '../../../support/hand-over.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { nodeNamed } from '../../../support/procedure-context.ts';

let playground: Playground;
let primary: TestServer;
let standby: TestServer;
let dying: HandOverContext;
let heir: HandOverContext;
let service: WalServer;

beforeEach(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
  await sql(primary, 'create table probe (i serial primary key)');
  standby = await playground.createStandby('pg2', primary);
  // psql finds the socket as libpq does.
  process.env['PGHOST'] = standby.socketDirectory;
  dying = await handOverContext(playground.directory, primary, [primary, standby]);
  heir = await handOverContext(playground.directory, standby, [primary, standby]);
  service = await createWalServer(dying, 0);
  const { restoreCommand } = await installWrapper(playground.directory, heir, '');
  await setSetting(standby, 'wal_retrieve_retry_interval', '200ms');
  await setSetting(standby, 'restore_command', restoreCommand);
});
afterEach(async () => {
  await service.close();
  await dying.session.close();
  await heir.session.close();
  delete process.env['PGHOST'];
  await playground.remove();
});

async function insertOneByOne(count: number): Promise<void> {
  await sql(
    primary,
    `do $$ begin for i in 1..${count} loop insert into probe default values; commit; end loop; end $$`,
  );
}

async function rows(server: TestServer): Promise<number> {
  const [row] = await sql<{ count: string }>(server, 'select count(*) from probe');
  return Number(row?.count);
}

async function receiverPid(): Promise<number> {
  const postmaster = postmasterOf(await processesOf(standby.postgres.dataDirectory));
  return recoveryProcessesOf(postmaster?.pid ?? 0).receiver?.pid ?? 0;
}

async function die(): Promise<ProvenDeath> {
  const [row] = await sql<{ lsn: string }>(primary, 'select pg_current_wal_flush_lsn()::text as lsn');
  await killPostmaster(primary);
  const proven = await proveDeath(dying, {
    lease: leaseOf(primary),
    timeline: 1 as TimelineId,
    flushLsn: parseLsn(row?.lsn ?? ''),
    synchronous: null,
  });
  service.offer(proven.certificate, nodeNamed(standby), proven.lock);
  return proven;
}

const holder = (): { host: string; port: number }[] => [{ host: '127.0.0.1', port: service.port }];

test('the receiver frozen, 500 rows behind: nothing is lost', async () => {
  await insertOneByOne(1_000);
  await expect.poll(() => rows(standby)).toBe(1_000);
  process.kill(await receiverPid(), 'SIGSTOP');
  await insertOneByOne(500);
  const { certificate, lock } = await die();
  const rescued = await rescueTail(heir, certificate, holder(), AbortSignal.timeout(20_000));
  const promoted = await promoteServer(heir, leaseOf(standby, 8));
  await lock.release();
  expect(rescued).toMatchObject({ kind: 'complete' });
  expect(promoted.timeline).toBe(2);
  expect(await rows(standby)).toBe(1_500);
  expect(await sql(standby, 'select node, epoch::int from primacy.epoch')).toEqual([
    { node: 'pg2', epoch: 8 },
  ]);
});

test('several segments, and a path that fails again and again: nothing is lost', async () => {
  heir = withRescueLimit(20);
  process.kill(await receiverPid(), 'SIGSTOP');
  await sql(primary, "create table bulk as select i, repeat('x', 500) as s from generate_series(1, 50000) i");
  const { certificate, lock } = await die();
  const { port } = service;
  const flaky = (async () => {
    for (let time = 0; time < 3; time += 1) {
      await heir.clock.wait(60);
      await service.close();
      await heir.clock.wait(60);
      service = await createWalServer(dying, port);
      service.offer(certificate, nodeNamed(standby), lock);
    }
  })();
  const rescued = await rescueTail(
    heir,
    certificate,
    [{ host: '127.0.0.1', port }],
    AbortSignal.timeout(20_000),
  );
  await flaky;
  expect(rescued).toMatchObject({ kind: 'complete' });
  await promoteServer(heir, leaseOf(standby, 8));
  expect(await readdir(heir.paths.restoreDirectory)).toEqual(['chain', 'known']);
  const [row] = await sql<{ count: string }>(standby, 'select count(*) from bulk');
  expect(Number(row?.count)).toBe(50_000);
  await lock.release();
});

test('everything is there already: nobody is asked, a frozen receiver does not hold up the promotion, and no commit waits for a standby', async () => {
  await insertOneByOne(10);
  await expect.poll(() => rows(standby)).toBe(10);
  await setSetting(standby, 'synchronous_standby_names', 'pg1');
  const { certificate, lock } = await die();
  await expect
    .poll(async () => (await rescueTail(heir, certificate, [], AbortSignal.timeout(20_000))).kind, {
      timeout: 20_000,
    })
    .toBe('complete');
  const receiver = await receiverPid();
  if (receiver !== 0) process.kill(receiver, 'SIGSTOP');
  expect(await promoteServer(heir, leaseOf(standby, 8))).toMatchObject({ suspendedSynchronous: 'pg1' });
  await lock.release();
  await sql(standby, 'insert into probe default values');
});

test('the dead primary’s agent is gone, too: the gap is told, and the promotion is not held up', async () => {
  heir = withRescueLimit(1);
  await insertOneByOne(10);
  await expect.poll(() => rows(standby)).toBe(10);
  process.kill(await receiverPid(), 'SIGSTOP');
  await insertOneByOne(5);
  const { certificate, lock } = await die();
  const port = service.port;
  await service.close();
  const rescued = await rescueTail(
    heir,
    certificate,
    [{ host: '127.0.0.1', port }],
    AbortSignal.timeout(20_000),
  );
  await lock.release();
  if (rescued.kind !== 'gap') throw new Error(`not a gap: ${rescued.kind}`);
  expect(rescued.to).toBe(certificate.endLsn);
  expect(rescued.bytes).toBe(Number(certificate.endLsn - (rescued.from ?? 0n)));
  expect(rescued.bytes).toBeGreaterThan(0);
  expect(rescued.reason).toContain('cannot ask pg1 for its WAL');
  expect((await promoteServer(heir, leaseOf(standby, 8))).timeline).toBe(2);
  expect(await rows(standby)).toBe(10);
  expect(await bytesLeftBehind(heir, certificate)).toBe(rescued.bytes);
});

test('what comes after the rescue was given up and before the promotion is not left behind', async () => {
  await insertOneByOne(10);
  const { certificate, lock } = await die();
  await lock.release();
  await expect.poll(() => rows(standby)).toBe(10);
  expect((await promoteServer(heir, leaseOf(standby, 8))).timeline).toBe(2);
  expect(await bytesLeftBehind(heir, certificate)).toBe(0);
});

test('a discarded branch’s history file in a shared archive stops nobody, and its number is not used again', async () => {
  const archive = join(playground.directory, 'archive');
  await mkdir(archive);
  await writeFile(join(archive, '00000002.history'), '1\t0/1000028\tno recovery target specified\n');
  await setSetting(standby, 'restore_command', `cp ${archive}/%f %p`);
  await stopServer(standby, 'fast');
  await expect(startServer(standby)).rejects.toThrow('is not a child of this server');
  // What the failed start took from the archive.
  await rm(join(standby.postgres.dataDirectory, 'pg_wal', '00000002.history'));
  const { restoreCommand } = await installWrapper(playground.directory, heir, `cp ${archive}/%f %p`);
  await appendFile(
    join(standby.postgres.dataDirectory, 'postgresql.auto.conf'),
    `restore_command = '${restoreCommand}'\n`,
  );
  const chain = { timeline: 1 as TimelineId, history: [], walSegmentBytes: 16_777_216, end: null };
  await writeChain(heir.paths.restoreDirectory, chain);
  await startServer(standby);
  await insertOneByOne(3);
  await expect.poll(() => rows(standby)).toBe(3);
  expect((await promoteServer(heir, leaseOf(standby, 8))).timeline).toBe(3);
});

function withRescueLimit(rescueSeconds: number): HandOverContext {
  return { ...heir, cluster: { ...heir.cluster, timings: { ...heir.cluster.timings, rescueSeconds } } };
}
