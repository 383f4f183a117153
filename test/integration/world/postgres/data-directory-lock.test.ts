/** While a data directory is locked nothing starts a server on it, however it tries; afterwards everything does. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { systemClock } from '../../../../src/world/clock.ts';
import { lockDataDirectory } from '../../../../src/world/postgres/data-directory-lock.ts';
import { killPostgres } from '../../../../src/world/postgres/kill.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { startPostgres, stopPostgres } from '../../../../src/world/postgres/service.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import {
  createPlayground,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const execute = promisify(execFile);
const LIMIT_MS = 5_000;
/** An orphan's number is free when the first process of the machine has looked. */
const REAPED_MS = 20_000;
let playground: Playground;
let server: TestServer;
let pidFile: string;

beforeAll(async () => {
  playground = await createPlayground();
  server = await playground.createPrimary('pg1');
  pidFile = join(server.postgres.dataDirectory, 'postmaster.pid');
});
afterAll(async () => {
  await playground.remove();
});

function content(): Promise<string | null> {
  return readFile(pidFile, 'utf8').catch(() => null);
}

test('a start is refused while the lock stands, and works after it', async () => {
  await killPostgres(server.postgres.dataDirectory, systemClock, 5);
  const before = await content();
  const lock = await lockDataDirectory(server.postgres, LIMIT_MS);
  expect(lock.stands()).toBe(true);
  expect((await startPostgres(localRunner, server.postgres, 5)).kind).toBe('failed');
  expect(await processesOf(server.postgres.dataDirectory)).toEqual([]);
  expect(await readFile(`${server.postgres.dataDirectory}.log`, 'utf8')).toContain(
    'lock file "postmaster.pid" already exists',
  );
  await lock.release();
  expect(lock.stands()).toBe(false);
  expect((await content())?.split('\n').slice(1)).toEqual(before?.split('\n').slice(1));
  await startServer(server);
});

test('a directory that was stopped in order has no pid file afterwards either, and it is released once', async () => {
  await stopServer(server, 'fast');
  const lock = await lockDataDirectory(server.postgres, LIMIT_MS);
  await lock.release();
  await lock.release();
  expect(await content()).toBeNull();
});

test('what is asked to stop the server does not end the lock', async () => {
  const lock = await lockDataDirectory(server.postgres, LIMIT_MS);
  for (const mode of ['fast', 'immediate'] as const)
    await stopPostgres(localRunner, server.postgres, mode, 1);
  const become = ['--reuid', 'postgres', '--regid', 'postgres', '--clear-groups'];
  const program = join(server.postgres.binDirectory, 'pg_ctl');
  await execute('setpriv', [...become, program, '-D', server.postgres.dataDirectory, 'reload']);
  expect(lock.stands()).toBe(true);
  await lock.release();
});

test("Debian's tools do not take the pid file for stale and remove it", async () => {
  const lock = await lockDataDirectory(server.postgres, LIMIT_MS);
  const script = `print PgCommon::check_pidfile_running('${pidFile}') ? 'running' : 'stale'`;
  const { stdout } = await execute('perl', ['-I/usr/share/perl5', '-MPgCommon', '-e', script]);
  await lock.release();
  expect(stdout).toBe('running');
});

test('the lock ends with the process that took it, and the memory of the dead server stays named', async () => {
  await startServer(server);
  const before = await content();
  await killPostgres(server.postgres.dataDirectory, systemClock, 5);
  const source = `import { lockDataDirectory } from '${join(import.meta.dirname, '../../../../src/world/postgres/data-directory-lock.ts')}';
    await lockDataDirectory(${JSON.stringify(server.postgres)}, 5000);
    process.stdout.write('locked');`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  const locked = await content();
  child.kill('SIGKILL');
  const holder = Number(locked?.split('\n')[0]);
  await expect.poll(() => existsSync(`/proc/${holder}`), { timeout: REAPED_MS }).toBe(false);
  expect(locked?.split('\n').slice(1)).toEqual(before?.split('\n').slice(1));
  await startServer(server);
});

test('a data directory that cannot be written is not locked, and that is an error', async () => {
  const nowhere = { ...server.postgres, dataDirectory: '/nonexistent' };
  await expect(lockDataDirectory(nowhere, LIMIT_MS)).rejects.toMatchObject({ code: 'command-failed' });
});
