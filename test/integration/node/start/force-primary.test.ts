/** A real standby whose primary is gone is made primary by a person's word; its agent is a stand-in that answers and promotes. */
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ForceAtStart } from '../../../../src/core/guard/start-snapshot.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { startGuarded, type StartReport } from '../../../../src/node/start/start-guarded.ts';
import { writeLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import {
  guardedContext,
  markAdopted,
  StandInAgent,
  systemIdentifierOf,
} from '../../../support/guarded-node.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { nodeNamed } from '../../../support/procedure-context.ts';

const LIMIT_MILLIS = 60_000;
const UNTIL = '2026-11-21T13:00:00.000Z';
const inRecovery = 'select pg_is_in_recovery() as it';

let playground: Playground;
let one: TestServer;
let two: TestServer;
let context: ProcedureContext;
let agent: StandInAgent;
let identifier = '';

/** What the stand-in was asked for, and what it answers: null = it takes the override and promotes. */
const asked: unknown[] = [];
let refusal: string | null = null;

async function answer(request: IncomingMessage): Promise<unknown> {
  if (request.url === '/voters') {
    const lease = { epoch: 5, uuid: 'u', holder: 'pg1' };
    return { own: { lease, transferredTo: null }, peers: [] };
  }
  if (`${request.method} ${request.url}` !== 'POST /override')
    return { duty: { kind: 'wait', reason: 'as the test wants' } };
  asked.push(await json(request));
  if (refusal !== null) return { accepted: false, reason: refusal, epoch: null, until: null };
  writeLeaseFile(context.paths.leaseFile, { deadlineCs: 10 ** 12, epoch: 6, node: nodeNamed(two) });
  await promoteServer(two);
  return { accepted: true, reason: 'taken', epoch: 6, until: UNTIL };
}

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  two = await playground.createStandby('pg2', one);
  context = await guardedContext(playground, two, [one, two]);
  identifier = await systemIdentifierOf(one);
  await markAdopted(context, two);
  agent = new StandInAgent(context);
  await agent.serve(answer);
}, LIMIT_MILLIS);
afterAll(async () => {
  agent.close();
  await playground.remove();
});

function force(change: Partial<ForceAtStart> = {}): Promise<StartReport> {
  const given = { reason: 'pg1 burnt down', confirm: identifier, seconds: 3_600, by: 'mira', ...change };
  return startGuarded(context, { policy: 'approve', force: given, progress: () => undefined });
}

test('beside a primary that lives nothing is forced, and no agent is asked', async () => {
  expect(await force()).toMatchObject({
    code: 'primary-elsewhere',
    exitCode: 10,
    sentence: 'cannot make pg2 primary: pg1 is primary, and --force-primary never makes a second one',
  });
  expect(asked).toEqual([]);
  expect(await sql(two, inRecovery)).toEqual([{ it: true }]);
});

test('without an agent, and with another number, a running standby stays what it is', async () => {
  await stopServer(one, 'immediate');
  expect(await force()).toMatchObject({ code: 'no-agent', exitCode: 10 });
  await agent.run();
  expect(await force({ confirm: '7' })).toMatchObject({ code: 'confirmation-wrong', exitCode: 10 });
  expect(asked).toEqual([]);
});

test('what its agent refuses is told in the agent’s words', async () => {
  refusal = 'pg1 holds the lease and was heard 0.3 s ago';
  expect(await force()).toMatchObject({
    code: 'forced',
    exitCode: 10,
    sentence: `cannot make pg2 primary: its agent refuses: ${refusal}`,
  });
  expect(await sql(two, inRecovery)).toEqual([{ it: true }]);
});

test('a running standby is made primary without being started', async () => {
  refusal = null;
  asked.length = 0;
  const before = await processesOf(two.postgres.dataDirectory);
  expect(await force()).toMatchObject({
    code: 'forced',
    exitCode: 0,
    sentence: `pg2: primary: forced by a person: pg1 burnt down; the override ends when a majority of the voters stands by it, or at ${UNTIL}`,
  });
  expect(asked).toEqual([{ reason: 'pg1 burnt down', confirm: identifier, seconds: 3_600, by: 'mira' }]);
  expect(await sql(two, inRecovery)).toEqual([{ it: false }]);
  const pids = (await processesOf(two.postgres.dataDirectory)).map((it) => it.pid);
  expect(pids).toContain(Math.min(...before.map((it) => it.pid)));
  expect(await force()).toMatchObject({ code: 'already-running', exitCode: 0 });
});

test('a server that is down comes up as a standby first, and is made primary then', async () => {
  await stopServer(two, 'fast');
  asked.length = 0;
  refusal = 'as the test wants';
  expect(await force()).toMatchObject({ code: 'forced', exitCode: 20 });
  expect(await sql(two, inRecovery)).toEqual([{ it: true }]);
  await stopServer(two, 'fast');
  refusal = null;
  expect(await force()).toMatchObject({ code: 'forced', exitCode: 0 });
  expect(asked).toHaveLength(2);
  expect(await sql(two, inRecovery)).toEqual([{ it: false }]);
  const log = await readFile(context.paths.nodeJournal, 'utf8');
  expect(log).toContain('"step":"start-postgres"');
});
