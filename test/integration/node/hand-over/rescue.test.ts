/** A successor has every acknowledged row of a primary that died, also where its WAL receiver was frozen: facts.md section 10, rebuilt. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import type { HandOverContext } from '../../../../src/node/hand-over/context.ts';
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
  });
  service.offer(proven.certificate, nodeNamed(standby), proven.lock);
  return proven;
}

const holder = (): { host: string; port: number }[] => [{ host: '127.0.0.1', port: service.port }];

test('the receiver frozen, 500 rows behind: nothing is lost', async () => {
  await heir.session.query({ name: 'warm', text: 'select 1' }, 1_000);
  await insertOneByOne(1_000);
  await expect.poll(() => rows(standby)).toBe(1_000);
  process.kill(await receiverPid(), 'SIGSTOP');
  await insertOneByOne(500);
  const { certificate, lock, seconds } = await die();
  const rescued = await rescueTail(heir, certificate, holder(), AbortSignal.timeout(20_000));
  const promoted = await promoteServer(heir, leaseOf(standby, 8));
  await lock.release();
  console.log(JSON.stringify([seconds, rescued, promoted]));
  expect(rescued).toMatchObject({ kind: 'complete' });
  expect(promoted.timeline).toBe(2);
  expect(await rows(standby)).toBe(1_500);
  expect(await sql(standby, 'select node, epoch::int from primacy.epoch')).toEqual([
    { node: 'pg2', epoch: 8 },
  ]);
});

test('several segments, and a path that fails again and again: nothing is lost', async () => {
  heir = { ...heir, cluster: { ...heir.cluster, timings: { ...heir.cluster.timings, rescueSeconds: 20 } } };
  process.kill(await receiverPid(), 'SIGSTOP');
  await sql(primary, "create table bulk as select i, repeat('x', 500) as s from generate_series(1, 90000) i");
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
  console.log(rescued);
  expect(rescued).toMatchObject({ kind: 'complete' });
  await promoteServer(heir, leaseOf(standby, 8));
  const [row] = await sql<{ count: string }>(standby, 'select count(*) from bulk');
  expect(Number(row?.count)).toBe(90_000);
  await lock.release();
});
