/** Fuse and dead-man script, each alone: no agent and no keepalived run here, and what has no lease is fenced all the same. */
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import {
  activateGuards,
  deactivateGuards,
  installGuards,
} from '../../../../src/node/adopt/install-guards.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../../../src/world/files/guard-stamps.ts';
import { writeGate } from '../../../../src/world/keepalived/gate.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { postmasterOf, processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  createGuardContext,
  createNamespace,
  endChild,
  eventually,
  gateOf,
  removeLease,
  startAfterKill,
  VIP,
  VIP_CIDR,
  writeLease,
  type Namespace,
} from '../../../support/guard-ground.ts';
import {
  createPlayground,
  postmasterPid,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

let playground: Playground;
let server: TestServer;
let context: GuardContext;
let host: Namespace;
let guard: ChildProcess | null = null;

const program = (name: string): string => join(context.paths.guardDirectory, name);
const hasVip = (): boolean => host.run('ip', '-o', 'address').includes(` ${VIP}/`);
const alive = async (): Promise<number> => (await processesOf(server.postgres.dataDirectory)).length;
const signal = (): string => join(server.postgres.dataDirectory, 'standby.signal');
const fuseIsAlive = (): boolean => {
  const seen = readGuardStamp(context.paths.fuseStamp, bootMillis(), GUARD_SILENCE_MS.fuse);
  return seen.kind === 'known' && seen.value;
};
/** As keepalived runs it. */
const deadMan = (): string => host.run(program('dead-man'));
const startFuse = async (): Promise<void> => {
  guard = host.start(program('fuse-supervisor'));
  await eventually(fuseIsAlive);
};

beforeAll(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  context = createGuardContext(playground.directory, server);
  host = await createNamespace();
  host.run('ip', 'link', 'add', 'v0', 'type', 'veth', 'peer', 'name', 'v1');
  for (const link of ['v0', 'v1']) host.run('ip', 'link', 'set', link, 'up');
  await installGuards(context);
  await activateGuards(context);
});
afterAll(async () => {
  host.end();
  await playground.remove();
});
beforeEach(async () => {
  writeLease(context, 60_000);
  writeFileSync(context.paths.adoption, '{}');
  await writeGate(context.paths.gateFile, true);
  if (!hasVip()) host.run('ip', 'address', 'add', VIP_CIDR, 'dev', 'v0');
  rmSync(signal(), { force: true });
  if ((await alive()) === 0) await startAfterKill(server);
});
afterEach(async () => {
  if (guard !== null) await endChild(guard, 'SIGTERM');
  guard = null;
});

describe('the fuse alone', () => {
  test('lets a node with a lease be, and fences it when the deadline has passed, again and again', async () => {
    await startFuse();
    writeLease(context, 500);
    expect([gateOf(context), hasVip(), (await alive()) > 0]).toEqual(['0', true, true]);
    await eventually(async () => (await alive()) === 0);
    await eventually(() => gateOf(context) === '1' && !hasVip());
    // A level and not an edge: whoever brings it back finds it taken away again.
    host.run('ip', 'address', 'add', `${VIP}/32`, 'dev', 'v1');
    await writeGate(context.paths.gateFile, true);
    await eventually(() => gateOf(context) === '1' && !hasVip());
    await startAfterKill(server).catch((error: unknown) => error);
    await eventually(async () => (await alive()) === 0);
  });

  test('ends orphans that go on committing without a postmaster', async () => {
    await startFuse();
    await sql(server, 'create table if not exists tail (id int)');
    const loop = sql(
      server,
      'do $$ begin for i in 1..1000000 loop insert into tail values (i); commit; end loop; end $$',
    ).catch((error: unknown) => error);
    await eventually(
      async () => Number((await sql<{ n: string }>(server, 'select count(*) n from tail'))[0]?.n) > 10,
    );
    process.kill(await postmasterPid(server), 'SIGKILL');
    await eventually(async () => postmasterOf(await processesOf(server.postgres.dataDirectory)) === null);
    writeLease(context, -10);
    await eventually(async () => (await alive()) === 0);
    expect(await loop).toBeInstanceOf(Error);
  });

  test('leaves a standby and a blind start alone', async () => {
    await killPostgres(server.postgres.dataDirectory, context.clock, 5);
    writeFileSync(signal(), '');
    removeLease(context);
    await startFuse();
    await startAfterKill(server);
    const postmaster = await postmasterPid(server);
    const stamp = readFileSync(context.paths.fuseStamp, 'latin1');
    // Ten looks, one of them at every process.
    await eventually(() => Number(readFileSync(context.paths.fuseStamp, 'latin1')) - Number(stamp) > 120);
    expect(await postmasterPid(server)).toBe(postmaster);
    expect(await sql(server, 'select pg_is_in_recovery() as standby')).toEqual([{ standby: true }]);
    await killPostgres(server.postgres.dataDirectory, context.clock, 5);
  });

  test('comes back when it is killed, and ends with its supervisor', async () => {
    await startFuse();
    const fuseNow = (): string =>
      host.run('sh', '-c', 'pgrep -x fuse -P "$1" || true', 'sh', String(guard?.pid)).trim();
    const fuse = fuseNow();
    process.kill(Number(fuse), 'SIGKILL');
    await eventually(() => fuseIsAlive() && fuseNow() !== fuse && fuseNow() !== '');
    if (guard !== null) await endChild(guard);
    await eventually(() => !fuseIsAlive());
    writeLease(context, -10);
    expect(await alive()).toBeGreaterThan(0);
  });

  test.each([
    ['the node was not adopted', () => Promise.resolve(rmSync(context.paths.adoption))],
    ['it is being adopted or given back', () => deactivateGuards(context)],
  ])('does nothing while %s', async (_, prepare) => {
    await prepare();
    removeLease(context);
    await startFuse();
    const stamp = readFileSync(context.paths.fuseStamp, 'latin1');
    await eventually(() => Number(readFileSync(context.paths.fuseStamp, 'latin1')) - Number(stamp) > 50);
    expect([gateOf(context), hasVip(), (await alive()) > 0]).toEqual(['0', true, true]);
    await endChild(guard as ChildProcess, 'SIGTERM');
    guard = null;
    await activateGuards(context);
  });
});

describe('the dead-man script alone', () => {
  test('lets a node with a lease be', async () => {
    deadMan();
    expect([gateOf(context), hasVip(), (await alive()) > 0]).toEqual(['0', true, true]);
    const seen = readGuardStamp(context.paths.deadManStamp, bootMillis(), GUARD_SILENCE_MS.deadMan);
    expect(seen).toEqual({ kind: 'known', value: true });
  });

  test('fences what has none in one run, and reports no failure: a taker must not wait for it', async () => {
    writeLease(context, -10);
    deadMan();
    expect([gateOf(context), hasVip(), await alive()]).toEqual(['1', false, 0]);
  });

  test('closes a gate that is missing or garbage, which keepalived reads as open', () => {
    removeLease(context);
    writeFileSync(context.paths.gateFile, 'garbage');
    deadMan();
    expect(gateOf(context)).toBe('1');
    rmSync(context.paths.gateFile);
    deadMan();
    expect(gateOf(context)).toBe('1');
  });

  test('fails only where it cannot close the gate', () => {
    removeLease(context);
    rmSync(context.paths.gateFile);
    host.run('mkdir', context.paths.gateFile);
    expect(deadMan).toThrow(/Command failed/);
    rmSync(context.paths.gateFile, { recursive: true });
  });
});
