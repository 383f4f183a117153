/** `synchronous_standby_names` is suspended and restored on a real server, wherever it stood, and no crash or copy in between loses it. */
import { appendFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import {
  giveBackSynchronous,
  restoreSynchronous,
  suspendSynchronous,
} from '../../../../src/node/hand-over/synchronous.ts';
import { confirmEpoch } from '../../../../src/node/keeper/confirm-epoch.ts';
import type { KeeperContext } from '../../../../src/node/keeper/context.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { createSampler } from '../../../../src/world/postgres/sample.ts';
import {
  readSuspended,
  SUSPENDED_SETTING,
  type SuspendedSynchronous,
} from '../../../../src/world/postgres/suspended-synchronous.ts';
import { handOverContext, killPostmaster, leaseOf, reaped, setSetting } from '../../../support/hand-over.ts';
import {
  createPlayground,
  sql,
  startServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf } from '../../../support/procedure-context.ts';

const NAMES = `FIRST 1 ("it's", pg2)`;

let playground: Playground;
let server: TestServer;
let context: ProcedureContext;

beforeEach(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  // psql finds the socket as libpq does.
  process.env['PGHOST'] = server.socketDirectory;
  context = await contextOf(playground.directory, server, [server]);
});
afterEach(async () => {
  delete process.env['PGHOST'];
  await playground.remove();
});

async function inForce(of = server): Promise<string> {
  const [row] = await sql<{ names: string }>(
    of,
    `select current_setting('synchronous_standby_names') as names`,
  );
  return row?.names ?? 'no row';
}

async function record(of = server): Promise<SuspendedSynchronous | null> {
  const [row] = await sql<{ text: string | null }>(
    of,
    `select current_setting('${SUSPENDED_SETTING}', true) as text`,
  );
  const read = readSuspended(row?.text ?? null);
  if (read.kind === 'unknown') throw new Error(read.reason);
  return read.value;
}

async function suspended(of = server): Promise<SuspendedSynchronous> {
  await expect.poll(() => inForce(of)).toBe('');
  const found = await record(of);
  if (found === null) throw new Error('nothing is recorded');
  return found;
}

function lines(of = server): Promise<string> {
  return readFile(join(of.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8');
}

test('what ALTER SYSTEM set is set again, to the letter', async () => {
  await setSetting(server, 'synchronous_standby_names', NAMES);
  await expect.poll(() => inForce()).toBe(NAMES);
  const before = await lines();
  expect(await suspendSynchronous(context)).toBe(NAMES);
  await restoreSynchronous(context, await suspended());
  await expect.poll(() => inForce()).toBe(NAMES);
  await expect.poll(() => record()).toBeNull();
  expect(await lines()).toBe(before);
});

test('what stands in the user’s own file is left to it', async () => {
  await appendFile(server.postgres.configFile, "synchronous_standby_names = 'pg9'\n");
  await sql(server, 'select pg_reload_conf()');
  await expect.poll(() => inForce()).toBe('pg9');
  const before = await lines();
  expect(await suspendSynchronous(context)).toBe('pg9');
  expect(await suspended()).toMatchObject({ names: 'pg9', byAlterSystem: false, by: context.node.name });
  await restoreSynchronous(context, await suspended());
  await expect.poll(() => inForce()).toBe('pg9');
  expect(await lines()).toBe(before);
});

test('a server that was killed meanwhile is still suspended, and suspending it again keeps the record', async () => {
  await setSetting(server, 'synchronous_standby_names', NAMES);
  await expect.poll(() => inForce()).toBe(NAMES);
  await suspendSynchronous(context);
  const before = await suspended();
  await reaped(await killPostmaster(server));
  await startServer(server);
  expect(await suspendSynchronous(context)).toBeNull();
  expect(await suspended()).toEqual(before);
});

test('killed between the record and the emptying: nothing was suspended, and the next restore drops the record', async () => {
  await setSetting(server, 'synchronous_standby_names', NAMES);
  await expect.poll(() => inForce()).toBe(NAMES);
  await suspendSynchronous(context);
  const half = await suspended();
  await setSetting(server, 'synchronous_standby_names', 'pg7');
  await expect.poll(() => inForce()).toBe('pg7');
  await restoreSynchronous(context, half);
  await expect.poll(() => record()).toBeNull();
  expect(await inForce()).toBe('pg7');
});

test('a base backup of a suspended server carries the record, and gets the setting back', async () => {
  await setSetting(server, 'synchronous_standby_names', NAMES);
  await expect.poll(() => inForce()).toBe(NAMES);
  await suspendSynchronous(context);
  await suspended();
  const copy = await playground.createStandby('pg2', server);
  process.env['PGHOST'] = copy.socketDirectory;
  const its = await contextOf(playground.directory, copy, [server, copy]);
  await restoreSynchronous(its, await suspended(copy));
  await expect.poll(() => inForce(copy)).toBe(NAMES);
  expect(await inForce()).toBe('');
});

test('a node that is given back has its setting again, unless every commit would wait', async () => {
  await setSetting(server, 'synchronous_standby_names', 'FIRST 1 (pg2)');
  await expect.poll(() => inForce()).toBe('FIRST 1 (pg2)');
  expect(await giveBackSynchronous(context)).toBeNull();
  await suspendSynchronous(context);
  await suspended();
  expect(await giveBackSynchronous(context)).toEqual({ names: 'FIRST 1 (pg2)', restored: false });
  expect(await inForce()).toBe('');
  await playground.createStandby('pg2', server);
  await expect
    .poll(() => giveBackSynchronous(context), { timeout: 20_000 })
    .toEqual({ names: 'FIRST 1 (pg2)', restored: true });
  await expect.poll(() => inForce()).toBe('FIRST 1 (pg2)');
  await expect.poll(() => record()).toBeNull();
});

test('where an agent ended between promotion and suspension, the next one suspends before the gate opens; a first lease touches nothing', async () => {
  const heir = await handOverContext(playground.directory, server, [server]);
  const sampler = createSampler(heir.session);
  const look = await sampler.sample(5_000);
  if (look.kind !== 'sample') throw new Error(look.failure.detail);
  const names = 'FIRST 1 (pg2)';
  const own = { sample: () => known({ ...look.sample, synchronousStandbyNames: names }) };
  const log = { warn: () => undefined };
  const confirmed = () => Promise.resolve();
  const keeper = { ...heir, own, log, epochWritten: confirmed } as unknown as KeeperContext;
  await setSetting(server, 'synchronous_standby_names', names);
  await expect.poll(() => inForce()).toBe(names);
  await confirmEpoch(keeper, leaseOf(server, 7), true);
  expect(await inForce()).toBe(names);
  await confirmEpoch(keeper, leaseOf(server, 8), false);
  expect((await suspended()).names).toBe(names);
  await heir.session.close();
});
