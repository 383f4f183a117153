/** What may happen to a rejoin beside its own death: no room, a survivor that dies under pg_rewind, and another failover meanwhile. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { account } from '../../../../src/node/procedures/account.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { rejoin } from '../../../../src/node/procedures/rejoin.ts';
import type { RejoinReport } from '../../../../src/world/remote/protocol.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  startServer,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';
import { expectFollowing } from '../../../support/split.ts';

const execute = promisify(execFile);
const ORDER = orderOf('r-1');

let playground: Playground;
let one: TestServer;
let two: TestServer;

beforeEach(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1');
  await sql(one, 'create table item (id serial primary key, text text)');
  two = await playground.createStandby('pg2', one);
});
afterEach(async () => {
  await playground.remove();
});

/** `two` was promoted, wrote, is fenced and accounted against `one`; returns the digest. */
async function splitAndAccount(context: ProcedureContext): Promise<string> {
  await promoteServer(two);
  await sql(two, 'checkpoint');
  await sql(two, "insert into item (text) values ('lost')");
  await fence(context, { ...ORDER, reason: 'dual-primary' });
  const { digest, clientTransactions } = await account(context, { ...ORDER, survivor: nodeNamed(one) });
  expect(clientTransactions).toBe(1);
  return digest;
}

/** Runs `disturb` in the moment before that step of the rejoin begins. */
function disturbedAt(
  context: ProcedureContext,
  step: string,
  disturb: () => Promise<void>,
): ProcedureContext {
  let pending = true;
  return {
    ...context,
    journal: {
      append: async (entry) => {
        const isIt = entry.procedure === 'rejoin' && entry.step === step && entry.event === 'intent';
        if (isIt && pending) {
          pending = false;
          await disturb();
        }
        await context.journal.append(entry);
      },
    },
  };
}

const rejoinTo = (
  context: ProcedureContext,
  survivor: TestServer,
  accountDigest: string,
): Promise<RejoinReport> => rejoin(context, { ...ORDER, survivor: nodeNamed(survivor), accountDigest });

test('a survivor that dies under pg_rewind: the attempt fails, is told, and the next one takes a base backup', async () => {
  const context = await contextOf(playground.directory, two, [one, two]);
  const digest = await splitAndAccount(context);
  const disturbed = disturbedAt(context, 'pg-rewind', () => stopServer(one, 'immediate'));
  await expect(rejoinTo(disturbed, one, digest)).rejects.toMatchObject({ retryable: true });
  expect(JSON.parse(await readFile(context.paths.rejoinFailure, 'utf8'))).toHaveProperty('reason');
  await startServer(one);
  const report = await rejoinTo(context, one, digest);
  expect(report.how).toBe('basebackup');
  await expect(readFile(context.paths.rejoinFailure, 'utf8')).rejects.toMatchObject({ code: 'ENOENT' });
  await expectFollowing(two, one);
});

test('a failover while a rejoin is under way: it goes on towards the new primary, with a base backup', async () => {
  const three = await playground.createStandby('pg3', one);
  const context = await contextOf(playground.directory, two, [one, two, three]);
  const digest = await splitAndAccount(context);
  const cut = disturbedAt(context, 'start-postgres', () => Promise.reject(new Error('cut off')));
  await expect(rejoinTo(cut, one, digest)).rejects.toThrow('cut off');
  await stopServer(one, 'immediate');
  await promoteServer(three);
  const report = await rejoinTo(context, three, digest);
  expect(report.how).toBe('basebackup');
  await expectFollowing(two, three);
});

test('without room on the disk it is refused in one sentence before anything is changed, and works once there is room', async () => {
  await stopServer(two, 'fast');
  const home = two.socketDirectory;
  await execute('cp', ['-a', home, `${home}.copy`]);
  await execute('mount', ['-t', 'tmpfs', '-o', 'size=280M,mode=755', 'tmpfs', home]);
  try {
    await execute('sh', ['-c', 'chown postgres: "$1" && cp -a "$1.copy/." "$1"', 'sh', home]);
    await startServer(two);
    const context = await contextOf(playground.directory, two, [one, two]);
    const digest = await splitAndAccount(context);
    await expect(rejoinTo(context, one, digest)).rejects.toMatchObject({
      code: 'refused',
      message: expect.stringMatching(
        /\d+ MB are free beside the data directory, a rejoin needs \d+ MB$/,
      ) as string,
    });
    await execute('mount', ['-o', 'remount,size=2G', home]);
    const report = await rejoinTo(context, one, digest);
    expect(report.how).toBe('rewind');
    await expectFollowing(two, one);
    await stopServer(two, 'fast');
  } finally {
    await execute('umount', ['-l', home]);
  }
});
