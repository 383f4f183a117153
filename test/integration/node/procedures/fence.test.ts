/** Fences real servers in every state they were seen in: healthy, stopped by a signal, without their postmaster. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { NO_MEMORY } from '../../../../src/core/lease/voter.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import { fence, unfence } from '../../../../src/node/procedures/fence.ts';
import { readFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { writeLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { writeVoteMemory } from '../../../../src/world/files/vote-memory.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createPlayground,
  postmasterPid,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

let playground: Playground;
let server: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
});
afterEach(async () => {
  await playground.remove();
});

test('a healthy server is stopped fast, once, and the marker stands until it is lifted', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  const order = { ...orderOf('r-1', 5), reason: 'dual-primary' };
  expect(await fence(context, order)).toMatchObject({ postgres: 'fast' });
  expect(await readFenceMarker(context.paths.fenceMarker)).toMatchObject(
    known({ state: 'fenced', reason: 'dual-primary', remediation: 'r-1', fenceNumber: 5 }),
  );
  expect(await fence(context, order)).toMatchObject({ postgres: 'already-down' });
  await expect(fence(context, { ...order, ...orderOf('r-0', 4) })).rejects.toMatchObject({
    code: 'superseded',
  });
  expect(await unfence(context, orderOf('r-2', 6))).toEqual({ wasFenced: true });
  expect(await readFenceMarker(context.paths.fenceMarker)).toEqual(known(null));
});

test('a node that holds the lease is not fenced on a conclusion from looks; a person may', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  const holder = nodeNamed(server);
  const lease = { epoch: 4, uuid: 'c0ffee00-0000-4000-8000-000000000004', holder };
  const memory = { ...NO_MEMORY, lease, longestWaitMs: 2700, voters: [holder] };
  await writeVoteMemory(context.paths.vote, memory);
  const deadlineCs = Math.floor(bootMillis() / 10) + 60_000;
  writeLeaseFile(context.paths.leaseFile, { deadlineCs, epoch: 4, node: holder });
  for (const reason of ['dual-primary', 'primary-without-lease'])
    await expect(fence(context, { ...orderOf('r-1', 5), reason })).rejects.toMatchObject({ code: 'refused' });
  expect(await readFenceMarker(context.paths.fenceMarker)).toEqual(known(null));
  expect(await processesOf(server.postgres.dataDirectory)).not.toEqual([]);
  await expect(fence(context, { ...orderOf('p-1', 6), reason: 'operator' })).resolves.toMatchObject({
    postgres: 'fast',
  });
});

test('a server that was stopped by a signal is killed without being asked first', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  for (const { pid } of await processesOf(server.postgres.dataDirectory)) process.kill(pid, 'SIGSTOP');
  const report = await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  expect(report.postgres).toBe('kill');
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
});

test('a backend that outlived its postmaster is found and killed', async () => {
  const context = await contextOf(playground.directory, server, [server]);
  const busy = sql(server, 'do $$ begin loop perform 1; end loop; end $$');
  // Its connection breaks when it is killed, while we wait for other things.
  const ended = busy.then(
    () => 'answered',
    () => 'broken off',
  );
  await expect
    .poll(async () =>
      (await processesOf(server.postgres.dataDirectory)).some((it) => it.title.endsWith(' DO')),
    )
    .toBe(true);
  const postmaster = await postmasterPid(server);
  process.kill(postmaster, 'SIGKILL');
  await expect
    .poll(async () => (await processesOf(server.postgres.dataDirectory)).map((it) => it.pid))
    .not.toContain(postmaster);
  expect(await processesOf(server.postgres.dataDirectory)).not.toEqual([]);
  const report = await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  expect(report.postgres).toBe('kill');
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
  expect(await ended).toBe('broken off');
});

test('a VIP that cannot be seen gone fails the fence, but the server is stopped all the same', async () => {
  const base = await contextOf(playground.directory, server, [server], { vipReleaseSeconds: 0.2 });
  const vip = { ...base.vip, read: () => Promise.resolve(unknown('no answer')) };
  const result = fence({ ...base, vip }, { ...orderOf('r-1'), reason: 'dual-primary' });
  await expect(result).rejects.toMatchObject({ code: 'postcondition-missing' });
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
  expect(await readFenceMarker(base.paths.fenceMarker)).toMatchObject(known({ state: 'fencing' }));
});
