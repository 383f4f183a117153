/** A pair is handed over and given back while clients go on: what was there before is there again, to the letter. */
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { NodeStanding } from '../../../../src/core/guard/adoption-order.ts';
import { adoptNode } from '../../../../src/node/adopt/adopt-node.ts';
import type { GuardContext } from '../../../../src/node/adopt/guard-context.ts';
import { unadoptNode } from '../../../../src/node/adopt/unadopt-node.ts';
import type { RunStep } from '../../../../src/node/procedures/run-step.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { GUARD_SILENCE_MS, readGuardStamp } from '../../../../src/world/files/guard-stamps.ts';
import { startPostgres } from '../../../../src/world/postgres/service.ts';
import {
  createGuardContext,
  endChild,
  eventually,
  removeLease,
  writeLease,
} from '../../../support/guard-ground.ts';
import {
  createPlayground,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

interface Part {
  readonly server: TestServer;
  readonly context: GuardContext;
  /** As it was before anything was adopted. */
  readonly settings: string;
}

let playground: Playground;
let primary: Part;
let standby: Part;
let session: Client;
let keeper: NodeJS.Timeout;
const agents: ChildProcess[] = [];

const autoConf = ({ server }: Part): string =>
  readFileSync(join(server.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8');
/** Lines in any order: ALTER SYSTEM moves what it touches to the end. */
const lines = (text: string): readonly string[] => text.split('\n').toSorted();
const show = async ({ server }: Part, name: string): Promise<string | undefined> =>
  (await sql<{ it: string }>(server, `select current_setting('${name}') as it`))[0]?.it;
const isStreaming = async (): Promise<boolean> =>
  (await sql(primary.server, "select from pg_stat_replication where state = 'streaming'")).length === 1;
const hasSignal = ({ server }: Part): boolean =>
  existsSync(join(server.postgres.dataDirectory, 'standby.signal'));
const backend = async (): Promise<unknown> =>
  (await session.query('select pg_backend_pid(), txid_current()')).rows;
const fuseRuns = ({ context }: Part): boolean => {
  const seen = readGuardStamp(context.paths.fuseStamp, bootMillis(), GUARD_SILENCE_MS.fuse);
  return seen.kind === 'known' && seen.value;
};
/** Stands for the agent's process: adoption asks only whether it lives. The lease that it would hold is written by `keeper`. */
const startAgent = ({ context }: Part): void => {
  const agent = spawn('sh', ['-c', 'sleep 600 & wait', 'sh', 'agent'], { stdio: 'ignore' });
  agents.push(agent);
  writeFileSync(context.paths.agentPidFile, `${agent.pid}\n`);
};
const systemIdentifier = async (server: TestServer): Promise<string> =>
  (await sql<{ it: string }>(server, 'select system_identifier::text as it from pg_control_system()'))[0]
    ?.it ?? '';
const standing = (name: string, known: Partial<NodeStanding>): NodeStanding => ({
  name,
  answered: true,
  role: 'standby',
  adopted: false,
  prepared: false,
  holdsLease: false,
  holdsVip: false,
  ...known,
});
const noJournal: RunStep = (_step, act) => act();
/** pg1 as its agent would tell it: with the lease as soon as it is adopted. */
const others = ({ context }: Part): readonly NodeStanding[] => {
  if (context.node.name === 'pg1') return [standing('pg2', {})];
  return [standing('pg1', { role: 'primary', holdsLease: existsSync(primary.context.paths.adoption) })];
};
const adopt = (part: Part, context = part.context) =>
  adoptNode(context, { others: others(part), step: noJournal });
const unadopt = (part: Part, adopted: readonly string[] = [], force = false) =>
  unadoptNode(part.context, {
    others: adopted.map((name) => standing(name, { adopted: true })),
    force,
    step: noJournal,
  });

beforeAll(async () => {
  playground = await createPlayground();
  const first = await playground.createPrimary('pg1', [
    "restore_command = 'false %f'",
    "recovery_end_command = 'true 100%%'",
  ]);
  await sql(first, "alter system set restore_command = 'exit 1 # mine'; ");
  await sql(first, "alter system set work_mem = '5MB'");
  const second = await playground.createStandby('pg2', first);
  const options = { systemIdentifier: await systemIdentifier(first), timings: { promotionWaitSeconds: 0.5 } };
  const part = (server: TestServer): Part => {
    const context = createGuardContext(playground.directory, server, options, server.name);
    return {
      server,
      context,
      settings: readFileSync(join(server.postgres.dataDirectory, 'postgresql.auto.conf'), 'utf8'),
    };
  };
  primary = part(first);
  standby = part(second);
  session = new Client({
    host: first.socketDirectory,
    port: first.postgres.port,
    user: 'postgres',
    database: 'postgres',
  });
  await session.connect();
  await session.query('begin');
  keeper = setInterval(() => {
    if (existsSync(primary.context.paths.adoption)) writeLease(primary.context, 1_600);
  }, 100);
});
afterAll(async () => {
  clearInterval(keeper);
  await session.end();
  for (const agent of agents) await endChild(agent);
  await playground.remove();
});
beforeEach(() => eventually(isStreaming));

test('a node whose agent does not run, or whose server is another cluster\u2019s, is refused and left as it was', async () => {
  await expect(adopt(primary)).rejects.toThrow('cannot adopt pg1: the agent does not run');
  startAgent(primary);
  startAgent(standby);
  const { cluster } = primary.context;
  const foreign = { ...primary.context, cluster: { ...cluster, systemIdentifier: '7000000000000000000' } };
  await expect(adopt(primary, foreign)).rejects.toThrow('expects system identifier 7000000000000000000');
  const unknown = { ...primary.context, cluster: { ...cluster, systemIdentifier: null } };
  await expect(adopt(primary, unknown)).rejects.toThrow('has no systemIdentifier');
  expect([existsSync(primary.context.paths.guardDirectory), autoConf(primary)]).toEqual([
    false,
    primary.settings,
  ]);
});

test('a primary whose agent gets no lease is not handed over, and no guard acts on it', async () => {
  clearInterval(keeper);
  await expect(adopt(primary)).rejects.toThrow('the agent got no lease within 2 s');
  expect([existsSync(primary.context.paths.adoption), hasSignal(primary)]).toEqual([false, false]);
  await eventually(() => fuseRuns(primary));
  await session.query('insert into primacy.marker values (gen_random_uuid())');
  await unadopt(primary);
  expect(lines(autoConf(primary))).toEqual(lines(primary.settings));
  keeper = setInterval(() => {
    if (existsSync(primary.context.paths.adoption)) writeLease(primary.context, 1_600);
  }, 100);
});

test('a standby is not handed over before the primary holds the lease', async () => {
  await expect(adopt(standby)).rejects.toThrow(
    'cannot adopt pg2: no node holds the lease yet; run "primacy adopt" on pg1 first',
  );
  expect(autoConf(standby)).toBe(standby.settings);
});

test('a pair is adopted without a client noticing, and again without a change', async () => {
  const before = await backend();
  const { role, sentences } = await adopt(primary);
  expect(role).toBe('primary');
  expect(sentences.join(' ')).toContain('This primary is adopted.');
  expect((await adopt(standby)).role).toBe('standby');
  expect(await backend()).toEqual(before);
  expect([hasSignal(primary), await show(primary, 'primary_conninfo')]).toEqual([true, '']);
  expect(await show(standby, 'primary_conninfo')).toContain('application_name=pg2');
  for (const part of [primary, standby]) {
    const guard = part.context.paths.guardDirectory;
    expect(await show(part, 'recovery_end_command')).toBe(`${guard}/recovery-end "%r"`);
    expect(await show(part, 'restart_after_crash')).toBe('off');
    expect(fuseRuns(part)).toBe(true);
    expect(statSync(join(guard, 'dead-man')).mode & 0o777).toBe(0o755);
    expect(statSync(join(guard, 'user-commands')).mode & 0o777).toBe(0o640);
    // The line of ALTER SYSTEM counted, not that of postgresql.conf; the other one is from there.
    expect(readFileSync(join(guard, 'user-commands'), 'utf8')).toContain("RESTORE_COMMAND='exit 1 # mine'");
    expect(readFileSync(join(guard, 'user-commands'), 'utf8')).toContain("RECOVERY_END_COMMAND='true 100%%'");
  }
  const once = autoConf(primary);
  await adopt(primary);
  expect(autoConf(primary)).toBe(once);
});

test('a pin that was taken out by hand is put back by adopting again', async () => {
  await sql(standby.server, "alter system set recovery_end_command = ''");
  await adopt(standby);
  expect(await show(standby, 'recovery_end_command')).toContain('recovery-end');
});

test('a server whose command line overrules a pin is refused', async () => {
  await stopServer(standby.server, 'fast');
  await startPostgres(standby.context.runner, standby.server.postgres, 30, { restart_after_crash: 'on' });
  await eventually(isStreaming);
  await expect(adopt(standby)).rejects.toThrow('the server does not take restart_after_crash');
  await stopServer(standby.server, 'fast');
  await startServer(standby.server);
});

test('the primary is given back last, and both are ordinary servers then', async () => {
  const before = await backend();
  await expect(unadopt(primary, ['pg2'])).rejects.toThrow('standbys first; still adopted or silent: pg2');
  expect((await unadopt(standby)).role).toBe('standby');
  expect((await unadopt(primary)).role).toBe('primary');
  removeLease(primary.context);
  expect(await backend()).toEqual(before);
  for (const part of [primary, standby]) {
    expect(lines(autoConf(part))).toEqual(lines(part.settings));
    expect([existsSync(part.context.paths.adoption), existsSync(part.context.paths.guardDirectory)]).toEqual([
      false,
      false,
    ]);
    await eventually(() => !fuseRuns(part));
    await eventually(async () => (await show(part, 'restore_command')) === 'exit 1 # mine');
  }
  expect([hasSignal(primary), hasSignal(standby)]).toEqual([false, true]);
  // Again, as after an interruption: what nobody pinned any more is the user's.
  for (const part of [primary, standby]) {
    await unadopt(part);
    expect(lines(autoConf(part))).toEqual(lines(part.settings));
  }
  await session.query('commit');
});
