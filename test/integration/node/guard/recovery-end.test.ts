/** The guard inside PostgreSQL: recovery ends only under the lease, and whatever starts the server blindly gets a standby. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { installGuards, writeUserCommands } from '../../../../src/node/adopt/install-guards.ts';
import { applyPins, pinServer } from '../../../../src/node/adopt/pin-server.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { editSettings } from '../../../../src/world/postgres/server-settings.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';
import {
  createGuardContext,
  eventually,
  removeLease,
  startAfterKill,
  writeLease,
} from '../../../support/guard-ground.ts';
import {
  createPlayground,
  postmasterPid,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

let playground: Playground;
let primary: TestServer;
let standby: TestServer;
let context: GuardContext;

const signal = (): string => join(standby.postgres.dataDirectory, 'standby.signal');
const recovers = async (): Promise<unknown> =>
  (await sql<{ it: boolean }>(standby, 'select pg_is_in_recovery() as it'))[0]?.it;
const isDown = async (): Promise<boolean> => (await processesOf(standby.postgres.dataDirectory)).length === 0;
const show = async (name: string): Promise<unknown> =>
  (await sql<{ it: string }>(standby, `select current_setting('${name}') as it`))[0]?.it;

/** One test after another on one pair: each leaves the standby as the next one needs it. */
beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg2');
  await sql(primary, 'create table t (id int)');
  standby = await playground.createStandby('pg1', primary);
  context = createGuardContext(playground.directory, standby);
  await installGuards(context);
  await applyPins(context, 'standby');
  await eventually(async () => String(await show('recovery_end_command')).includes('recovery-end'));
});
afterAll(() => playground.remove());

test('leftovers of a recovery promote nobody while the server is pinned', async () => {
  writeLease(context, -10);
  const trigger = join(playground.directory, 'trigger');
  writeFileSync(trigger, '');
  const before = readFileSync(standby.postgres.configFile, 'utf8');
  writeFileSync(
    standby.postgres.configFile,
    `${before}recovery_target_time = '2001-01-01'\nrecovery_target_action = promote\npromote_trigger_file = '${trigger}'\n`,
  );
  await stopServer(standby, 'fast');
  // On a stopped server, as before a start.
  await editSettings(context.runner, standby.postgres, {
    recovery_target_time: null,
    promote_trigger_file: null,
  });
  await applyPins(context, 'standby');
  await startServer(standby);
  await sql(primary, 'insert into t values (2)');
  await eventually(async () => (await sql(standby, 'select from t where id = 2')).length === 1);
  expect(await recovers()).toBe(true);
  expect([await show('recovery_target_time'), await show('promote_trigger_file')]).toEqual(['', '']);
  writeFileSync(standby.postgres.configFile, before);
  rmSync(trigger);
});

test('a promotion by hand without the lease acknowledges nothing, and the next blind start is read-only', async () => {
  removeLease(context);
  let rows = 0;
  const writing = (async () => {
    for (;;) {
      try {
        await sql(standby, 'insert into t values (1)');
        rows += 1;
      } catch (error) {
        if (!String(error).includes('read-only')) return;
      }
    }
  })();
  await expect(promoteServer(standby)).rejects.toThrow('cannot promote');
  await eventually(isDown);
  await writing;
  expect(rows).toBe(0);
  expect(readFileSync(`${standby.postgres.dataDirectory}.log`, 'utf8')).toMatch(
    /recovery must not end: no lease names pg1/,
  );
  expect(existsSync(signal())).toBe(true);
  await startAfterKill(standby);
  expect(await recovers()).toBe(true);
  await expect(sql(standby, 'insert into t values (1)')).rejects.toThrow('read-only');
});

test('a lease that is another node\u2019s, or ran out, is none', async () => {
  writeLease(context, 60_000, 'pg2');
  await expect(promoteServer(standby)).rejects.toThrow('cannot promote');
  await eventually(isDown);
  expect(existsSync(signal())).toBe(true);
  await startAfterKill(standby);
});

test("with the lease it is promoted, the user's own command runs, and the signal is back before the first write", async () => {
  writeLease(context, 60_000);
  const note = join(standby.socketDirectory, 'note');
  await writeUserCommands(context, {
    restoreCommand: '',
    recoveryEndCommand: `echo "100%% [%r]" > ${note}; exit 3`,
  });
  await promoteServer(standby);
  expect(existsSync(signal())).toBe(true);
  await sql(standby, 'insert into t values (3)');
  expect(readFileSync(note, 'utf8')).toMatch(/^100% \[[0-9A-F]{24}\]\n$/);
  // An exit code is a warning to PostgreSQL; the wrapper passes it on.
  expect(readFileSync(`${standby.postgres.dataDirectory}.log`, 'utf8')).toMatch(
    /WARNING: .*recovery_end_command.*[\s\S]*exit code 3|recovery_end_command.*exit code 3/,
  );
});

test('a holder is pinned again: it follows nobody, and its signal stands', async () => {
  rmSync(signal());
  await pinServer(context, 'holder');
  expect(existsSync(signal())).toBe(false);
  writeFileSync(context.paths.adoption, '{}');
  await pinServer(context, 'holder');
  expect(existsSync(signal())).toBe(true);
  await eventually(async () => (await show('primary_conninfo')) === '');
});

test('a crash of one backend ends the server instead of making it a standby inside the same postmaster', async () => {
  expect(await show('restart_after_crash')).toBe('off');
  const victim = (
    await sql<{ pid: number }>(
      standby,
      "select pid from pg_stat_activity where backend_type = 'background writer'",
    )
  )[0];
  expect(await recovers()).toBe(false);
  process.kill(victim?.pid ?? 0, 'SIGKILL');
  await eventually(isDown);
});

test('a born standby: the holder that is started blindly comes back read-only, with all its rows', async () => {
  await startAfterKill(standby);
  expect(await recovers()).toBe(true);
  expect(await sql(standby, 'select from t where id = 3')).toHaveLength(1);
  const postmaster = await postmasterPid(standby);
  // The lease is still its own: a promotion inside the same postmaster is what a holder in recovery gets.
  await promoteServer(standby);
  expect([await postmasterPid(standby), await recovers(), existsSync(signal())]).toEqual([
    postmaster,
    false,
    true,
  ]);
});

test('without start protection no signal is put back, and recovery still needs the lease', async () => {
  const unprotected = { ...context, cluster: { ...context.cluster, startProtection: 'off' as const } };
  await installGuards(unprotected);
  await stopServer(standby, 'fast');
  await startServer(standby);
  await promoteServer(standby);
  expect(existsSync(signal())).toBe(false);
  await installGuards(context);
});

test('a guard that is gone or broken lets nothing out of recovery', async () => {
  await stopServer(standby, 'fast');
  writeFileSync(signal(), '');
  await localRunner.run({ program: 'chown', arguments: ['postgres:', signal()], timeoutMs: 5_000 });
  await startServer(standby);
  rmSync(join(context.paths.guardDirectory, 'settings'));
  await expect(promoteServer(standby)).rejects.toThrow('cannot promote');
  await eventually(isDown);
});
