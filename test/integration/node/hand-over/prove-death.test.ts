/** A dead primary is proven dead: nothing of it runs or can be started, and the certificate tells where its WAL ends. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { certificateToJson, parseDeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { parseLsn, type Lsn } from '../../../../src/core/model/lsn.ts';
import { unknown } from '../../../../src/core/model/known.ts';
import type { EpochMillis, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { TimelineId } from '../../../../src/core/model/timeline.ts';
import { proveDeath } from '../../../../src/node/hand-over/prove-death.ts';
import { writeAdoption } from '../../../../src/world/files/adoption.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { startPostgres } from '../../../../src/world/postgres/service.ts';
import { readWal } from '../../../../src/world/postgres/read-wal.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import { killPostmaster, leaseOf, reaped } from '../../../support/hand-over.ts';
import {
  createPlayground,
  postmasterPid,
  sql,
  startServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf } from '../../../support/procedure-context.ts';

let playground: Playground;
let server: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  await sql(server, 'create table probe (i serial)');
});
afterEach(async () => {
  await playground.remove();
});

async function flushLsn(): Promise<Lsn> {
  const [row] = await sql<{ lsn: string }>(server, 'select pg_current_wal_flush_lsn()::text as lsn');
  return parseLsn(row?.lsn ?? '');
}

test('with a procedure that commits in a loop: its orphan is killed, and every commit lies before the end', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  await sql(
    server,
    `create procedure forever() language plpgsql as $$ begin loop insert into probe default values; commit; end loop; end $$`,
  );
  const broken = sql(server, 'call forever()').then(
    () => 'answered',
    () => 'broken off',
  );
  await expect.poll(async () => (await sql(server, 'select from probe')).length).toBeGreaterThan(10);
  const seen = await flushLsn();
  const pid = await killPostmaster(server);
  const proven = await proveDeath(context, {
    lease: leaseOf(server),
    timeline: 1 as TimelineId,
    flushLsn: seen,
    synchronous: null,
  });
  expect(await broken).toBe('broken off');
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
  const { certificate, lock } = proven;
  expect(certificate.endLsn).toBeGreaterThan(seen);
  expect(await lastRecord()).toBeLessThan(certificate.endLsn);
  expect(parseDeathCertificate(JSON.parse(JSON.stringify(certificateToJson(certificate))))).toEqual(
    certificate,
  );
  expect(lock.stands()).toBe(true);
  expect((await startPostgres(localRunner, server.postgres, 5)).kind).toBe('failed');
  await lock.release();
  await reaped(pid);
  await startServer(server);
  await proven.journaled;
  const journal = await readFile(context.paths.nodeJournal, 'utf8');
  for (const step of [
    'end-postgres',
    'lock-data-directory',
    'close-gate',
    'prove-vip-gone',
    'find-end-of-wal',
  ])
    expect(journal).toContain(`"step":"${step}","event":"done"`);
});

async function lastRecord(): Promise<Lsn> {
  let last = 0n as Lsn;
  const { dataDirectory } = server.postgres;
  const directory = `${dataDirectory}/pg_wal`;
  const start = parseLsn('0/1000000');
  const names = (await readdir(directory)).filter((name) => /^[0-9A-F]{24}$/.test(name)).toSorted();
  const paths = names.map((name) => `${directory}/${name}`);
  await readWal({ paths, segmentBytes: 16_777_216, start, timeoutMs: 10_000 }, (record) => {
    last = record.lsn;
  });
  return last;
}

test('nothing known of it, and its processes stopped by a signal: the data directory tells all', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  await sql(server, 'checkpoint');
  await sql(server, 'insert into probe default values');
  const seen = await flushLsn();
  for (const { pid } of await processesOf(server.postgres.dataDirectory)) process.kill(pid, 'SIGSTOP');
  const { certificate, lock } = await proveDeath(context, {
    lease: leaseOf(server),
    timeline: null,
    flushLsn: null,
    synchronous: null,
  });
  await lock.release();
  expect(certificate).toMatchObject({ node: 'pg1', cluster: 'test', timeline: 1, epoch: 7 });
  expect(certificate.endLsn).toBeGreaterThanOrEqual(seen);
});

test('no proof, no certificate: a VIP that stays, or WAL that was seen and is not there; and nothing stays locked', async () => {
  const context = await contextOf(playground.directory, server, [server], { vipReleaseSeconds: 0.2 });
  const pid = await postmasterPid(server);
  const last = {
    lease: leaseOf(server),
    timeline: 1 as TimelineId,
    flushLsn: await flushLsn(),
    synchronous: null,
  };
  const stays = { ...context.vip, read: () => Promise.resolve(unknown('nobody knows')) };
  await expect(proveDeath({ ...context, vip: stays }, last)).rejects.toMatchObject({
    code: 'postcondition-missing',
  });
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
  const beyond = { ...last, flushLsn: (last.flushLsn + 64n) as Lsn };
  await expect(proveDeath(context, beyond)).rejects.toMatchObject({ code: 'output-invalid' });
  await reaped(pid);
  await startServer(server);
});

test('the data of another cluster prove nothing: by primacy.yml, by the adoption, or where that cannot be read', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  const last = { lease: leaseOf(server), timeline: 1 as TimelineId, flushLsn: null, synchronous: null };
  const other = '7000000000000000009' as SystemIdentifier;
  const configured = { ...context, cluster: { ...context.cluster, systemIdentifier: other } };
  const pid = await postmasterPid(server);
  await expect(proveDeath(configured, last)).rejects.toMatchObject({ code: 'refused' });
  await writeAdoption(context.paths.adoption, {
    at: 0 as EpochMillis,
    node: 'pg1' as NodeName,
    systemIdentifier: other,
  });
  await expect(proveDeath(context, last)).rejects.toThrow(/the cluster's is 7000000000000000009/);
  await writeFile(context.paths.adoption, 'not JSON');
  await expect(proveDeath(context, last)).rejects.toThrow(/cannot read adoption/);
  await rm(context.paths.adoption);
  const { lock } = await proveDeath(context, last);
  await lock.release();
  await reaped(pid);
  await startServer(server);
});

test('processes that did not end in time: no certificate, and nothing stays locked', async () => {
  // No time at all stands in for a hung disk, which lets no process end.
  const context = await contextOf(playground.directory, server, [server], { stopKillSeconds: 1e-6 });
  const pid = await postmasterPid(server);
  const last = { lease: leaseOf(server), timeline: 1 as TimelineId, flushLsn: null, synchronous: null };
  await expect(proveDeath(context, last)).rejects.toMatchObject({ code: 'postcondition-missing' });
  await reaped(pid);
  await startServer(server);
});
