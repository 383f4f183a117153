/** Starts a real server the guarded way in each situation of checks.md section 3; the voters' words come from a stand-in for the agent's socket. */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { known } from '../../../../src/core/model/known.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { setMarker } from '../../../../src/node/start/lease-lost.ts';
import { startGuarded, type StartReport } from '../../../../src/node/start/start-guarded.ts';
import { stopGuarded } from '../../../../src/node/start/stop-guarded.ts';
import { readFenceMarker, removeFenceMarker } from '../../../../src/world/files/fence-marker.ts';
import { writeLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import { guardedContext, markAdopted, StandInAgent } from '../../../support/guarded-node.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { nodeNamed, orderOf } from '../../../support/procedure-context.ts';

const LIMIT_MILLIS = 60_000;

let playground: Playground;
let one: TestServer;
let two: TestServer;
let context: ProcedureContext;
let agent: StandInAgent;

/** What the agent of pg1 answers: everybody stands by that lease. */
let newest: { readonly epoch: number; readonly holder: string } | null = null;

async function answer(): Promise<unknown> {
  const vote = { lease: newest && { ...newest, uuid: 'u' }, transferredTo: null };
  const peers = [{ ...vote, node: 'pg2', role: null, ready: true }];
  return { own: vote, peers };
}

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  two = await playground.createStandby('pg2', one);
  context = await guardedContext(playground, one, [one, two]);
  agent = new StandInAgent(context);
  await agent.serve(answer);
}, LIMIT_MILLIS);
afterEach(() => {
  agent.kill();
});
afterAll(async () => {
  agent.close();
  await playground.remove();
});

function start(
  changed: Partial<ProcedureContext> = {},
  progress: (sentence: string) => void = () => undefined,
): Promise<StartReport> {
  return startGuarded({ ...context, ...changed }, { policy: 'approve', force: null, progress });
}

async function expectDown(): Promise<void> {
  expect(await processesOf(one.postgres.dataDirectory)).toEqual([]);
}

test('a server that gives no answer for a moment is looked at again', async () => {
  const processes = await processesOf(one.postgres.dataDirectory);
  const send = (signal: NodeJS.Signals): void => {
    for (const { pid } of processes) process.kill(pid, signal);
  };
  send('SIGSTOP');
  const said: string[] = [];
  const report = await start({}, (sentence) => {
    said.push(sentence);
    if (sentence.includes('looking at it again')) send('SIGCONT');
  }).finally(() => send('SIGCONT'));
  expect(report).toMatchObject({ code: 'already-running', exitCode: 0 });
  expect(said).toContain('PostgreSQL here is just coming up or going down, looking at it again');
});

test('a server that stays unclear is reported as such, long before the whole limit', async () => {
  const stopped = await processesOf(one.postgres.dataDirectory);
  for (const { pid } of stopped) process.kill(pid, 'SIGSTOP');
  const timings = { ...context.cluster.timings, startSeconds: 4 };
  try {
    const report = await start({ cluster: { ...context.cluster, timings } });
    expect(report).toMatchObject({ code: 'server-unclear', exitCode: 13 });
    expect(report.sentence).toContain('their role is unknown');
  } finally {
    for (const { pid } of stopped) process.kill(pid, 'SIGCONT');
  }
});

test('a running server is only reported, and a node that was not adopted is not started', async () => {
  expect(await start()).toMatchObject({ code: 'already-running', exitCode: 0 });
  await markAdopted(context, one);
  await stopServer(one, 'fast');
  await rm(context.paths.adoption);
  expect(await start()).toMatchObject({ code: 'not-adopted', exitCode: 10 });
  await expectDown();
});

test('marks and a foreign data directory refuse, each with its own exit code, and start nothing', async () => {
  await startServer(one);
  await markAdopted(context, one);
  await stopServer(one, 'fast');
  await setMarker(context, orderOf('r-1'), 'dual-primary', 'fenced');
  expect(await start()).toMatchObject({ code: 'fenced', exitCode: 10 });
  await removeFenceMarker(context.paths.fenceMarker);
  await writeFile(context.paths.rejoinManifest, '{"phase":');
  expect(await start()).toMatchObject({ code: 'rejoin-interrupted', exitCode: 13 });
  await rm(context.paths.rejoinManifest);
  const foreign = { ...context.cluster, systemIdentifier: '7000000000000000009' };
  expect(await start({ cluster: foreign })).toMatchObject({ code: 'data-directory-wrong', exitCode: 13 });
  const elsewhere = join(playground.directory, 'empty');
  await mkdir(elsewhere, { recursive: true });
  const postgres = { ...context.cluster.postgres, dataDirectory: elsewhere };
  expect(await start({ cluster: { ...context.cluster, postgres } })).toMatchObject({ exitCode: 13 });
  await expectDown();
});

test('where it may be primary and no agent can claim, it comes up read-only, also when it was a primary', async () => {
  newest = { epoch: 5, holder: 'pg1' };
  expect(await start()).toMatchObject({ code: 'no-agent', exitCode: 0 });
  expect(await sql(one, 'select pg_is_in_recovery() as it')).toEqual([{ it: true }]);
  await stopServer(one, 'fast');
});

test('the last holder is promoted by its agent, and only then the start is done', async () => {
  newest = { epoch: 5, holder: 'pg1' };
  await agent.run();
  const started = start();
  await expect
    .poll(() => sql(one, 'select pg_is_in_recovery() as it').catch(() => []), { timeout: 20_000 })
    .toEqual([{ it: true }]);
  writeLeaseFile(context.paths.leaseFile, { deadlineCs: 10 ** 12, epoch: 5, node: nodeNamed(one) });
  await promoteServer(one);
  expect(await started).toMatchObject({
    code: 'last-holder',
    exitCode: 0,
    sentence: "pg1: primary: the newest lease is pg1's, and nobody else is primary",
  });
  expect((await started).checks.at(-1)).toMatchObject({ id: 'U15', state: 'pass' });
});

test('a holder that its agent promoted before the start looked is left as it is', async () => {
  await stopServer(one, 'fast');
  const { runner } = context;
  const run: typeof runner.run = async (command) => {
    const result = await runner.run(command);
    if (command.arguments.includes('start')) await promoteServer(one);
    return result;
  };
  await agent.run();
  expect(await start({ runner: { ...runner, run } })).toMatchObject({ code: 'last-holder', exitCode: 0 });
  expect(await sql(one, 'select pg_is_in_recovery() as it')).toEqual([{ it: false }]);
});

test('a planned stop keeps the server stopped until the start that lifts its marker', async () => {
  const progress = (): void => undefined;
  const options = { mode: 'fast' as const, limitSeconds: 20, handOver: false, progress };
  expect(await stopGuarded(context, options)).toMatchObject({ code: 'stopped', exitCode: 0 });
  expect(await readFenceMarker(context.paths.fenceMarker)).toMatchObject({ value: { reason: 'stopped' } });
  expect(await stopGuarded(context, options)).toMatchObject({ code: 'already-stopped', exitCode: 0 });
  expect(await stopGuarded(context, { ...options, handOver: true })).toMatchObject({
    code: 'not-handed-over',
    exitCode: 10,
  });
  newest = { epoch: 6, holder: 'pg2' };
  expect(await start()).toMatchObject({ code: 'was-standby', exitCode: 0 });
  expect(await readFenceMarker(context.paths.fenceMarker)).toEqual(known(null));
  await stopServer(one, 'fast');
});

test('beside a primary it joins as a guarded standby where its data fit, and refuses where that primary has no lease', async () => {
  await promoteServer(two);
  newest = { epoch: 6, holder: 'pg1' };
  expect(await start()).toMatchObject({ exitCode: 13 });
  await expectDown();
  newest = { epoch: 7, holder: 'pg2' };
  const report = await start();
  expect(report).toMatchObject({ code: 'primary-elsewhere', exitCode: 0, join: { kind: 'following' } });
  expect(await sql(one, 'select status from pg_stat_wal_receiver')).toEqual([{ status: 'streaming' }]);
  const pinned =
    "select setting from pg_settings where name in ('restart_after_crash', 'restore_command') order by name";
  expect(await sql(one, pinned)).toEqual([
    { setting: 'off' },
    { setting: expect.stringContaining('restore-wal') },
  ]);
});
