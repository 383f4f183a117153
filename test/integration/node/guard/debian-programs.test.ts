/** Debian's own programs beside the guards: pg_ctlcluster starts a standby, its promotion by hand is refused, and it stops what Primacy started. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { installGuards } from '../../../../src/node/adopt/install-guards.ts';
import { applyPins } from '../../../../src/node/adopt/pin-server.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { setStandbySignal } from '../../../../src/world/postgres/server-settings.ts';
import { freePort } from '../../../support/free-port.ts';
import { createGuardContext, eventually, removeLease, writeLease } from '../../../support/guard-ground.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const execute = promisify(execFile);
let playground: Playground;
let server: TestServer;
let context: GuardContext;
let configurations: string;

/** What Debian's programs print; the configuration of this test's cluster lies apart from the machine's. */
async function debian(program: string, ...parameters: readonly string[]): Promise<string> {
  const env = { ...process.env, PG_CLUSTER_CONF_ROOT: configurations };
  const { stdout } = await execute(program, [...parameters], { env, timeout: 60_000 });
  return stdout;
}
const control = (action: string): Promise<string> => debian('pg_ctlcluster', '15', 'deb', action);
const recovers = async (): Promise<unknown> =>
  (await sql<{ it: boolean }>(server, 'select pg_is_in_recovery() as it'))[0]?.it;
const isDown = async (): Promise<boolean> => (await processesOf(server.postgres.dataDirectory)).length === 0;

beforeAll(async () => {
  playground = await createPlayground();
  const home = join(playground.directory, 'deb');
  configurations = join(playground.directory, 'etc');
  const { uid, gid } = await stat('/var/lib/postgresql');
  for (const path of [home, configurations]) {
    await mkdir(path);
    await chown(path, uid, gid);
  }
  const port = await freePort();
  const dataDirectory = join(home, 'data');
  const places = ['-d', dataDirectory, '-l', join(home, 'deb.log'), '-s', home, '-p', String(port)];
  await debian('pg_createcluster', ...places, '--start-conf', 'auto', '15', 'deb', '--', '-A', 'trust', '-N');
  const configuration = join(configurations, '15', 'deb');
  await writeFile(join(configuration, 'conf.d', 'own.conf'), "work_mem = '7MB'\n", { mode: 0o644 });
  server = {
    name: 'pg1',
    socketDirectory: home,
    postgres: {
      port,
      dataDirectory,
      configFile: join(configuration, 'postgresql.conf'),
      binDirectory: '/usr/lib/postgresql/15/bin',
      user: 'postgres',
      role: 'primacy',
      passwordFile: join(playground.directory, 'password'),
    },
  };
  context = createGuardContext(playground.directory, server);
  await control('start');
  await installGuards(context);
});
afterAll(async () => {
  if (!(await isDown())) await stopServer(server, 'immediate');
  await playground.remove();
});

test('a primary that was handed over, stopped and started by pg_ctlcluster, comes up as a standby with its own settings', async () => {
  expect(await recovers()).toBe(false);
  writeLease(context, 60_000);
  await applyPins(context, 'holder');
  await setStandbySignal(context.runner, server.postgres, true);
  await control('stop');
  expect(await isDown()).toBe(true);
  await control('start');
  expect(await recovers()).toBe(true);
  expect(await sql(server, "select current_setting('work_mem') as it")).toEqual([{ it: '7MB' }]);
  await control('restart');
  expect(await recovers()).toBe(true);
});

test('pg_ctlcluster promote without the lease makes no primary, and the next start is a standby again', async () => {
  removeLease(context);
  await control('promote').catch(() => undefined);
  await eventually(isDown);
  expect(existsSync(join(server.postgres.dataDirectory, 'standby.signal'))).toBe(true);
  expect(await readFile(join(playground.directory, 'deb', 'deb.log'), 'utf8')).toContain(
    'recovery must not end: no lease names pg1',
  );
  await control('start');
  expect(await recovers()).toBe(true);
});

test('what Primacy starts pg_ctlcluster knows and stops, and the other way round', async () => {
  await stopServer(server, 'fast');
  expect(await debian('pg_lsclusters', '-h')).toMatch(/^15 +deb .*down/);
  await startServer(server);
  expect(await debian('pg_lsclusters', '-h')).toMatch(/^15 +deb .*online/);
  expect(await recovers()).toBe(true);
  await control('stop');
  expect(await isDown()).toBe(true);
});

test('under the lease the promotion goes through', async () => {
  await control('start');
  writeLease(context, 60_000);
  await control('promote');
  await expect.poll(recovers, { timeout: 10_000 }).toBe(false);
});
