/** Repairs a split of two test servers by the real procedures, and proves that the loser follows with the survivor's rows alone. */
import { expect } from 'vitest';
import type { DivergenceAccount } from '../../src/core/model/account.ts';
import { known } from '../../src/core/model/known.ts';
import { account } from '../../src/node/procedures/account.ts';
import type { ProcedureContext } from '../../src/node/procedures/context.ts';
import { fence } from '../../src/node/procedures/fence.ts';
import { rejoin } from '../../src/node/procedures/rejoin.ts';
import { readFenceMarker } from '../../src/world/files/fence-marker.ts';
import { processesOf } from '../../src/world/postgres/processes.ts';
import type { RejoinReport } from '../../src/world/remote/protocol.ts';
import { sql, type TestServer } from './postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from './procedure-context.ts';

export interface Repaired {
  readonly context: ProcedureContext;
  readonly accounted: DivergenceAccount;
  readonly report: RejoinReport;
}

/** Fences `loser`, accounts for it and rejoins it to `survivor`; the fence is lifted at the end. */
export async function repairSplit(
  directory: string,
  loser: TestServer,
  survivor: TestServer,
  remediation = 'r-1',
): Promise<Repaired> {
  const context = await contextOf(directory, loser, [survivor, loser]);
  const order = orderOf(remediation);
  await fence(context, { ...order, reason: 'dual-primary' });
  const accounted = await account(context, { ...order, survivor: nodeNamed(survivor) });
  const report = await rejoin(context, {
    ...order,
    survivor: nodeNamed(survivor),
    accountDigest: accounted.digest,
  });
  expect(await readFenceMarker(context.paths.fenceMarker)).toEqual(known(null));
  return { context, accounted, report };
}

/** The loser has a new row of the survivor, all the survivor's rows of table `item`, none of its own, and is in recovery. */
export async function expectFollowing(loser: TestServer, survivor: TestServer): Promise<void> {
  await sql(survivor, "insert into item (text) values ('after')");
  const lsn = await sql<{ it: string }>(survivor, 'select pg_current_wal_lsn() as it');
  await expect
    .poll(() => sql(loser, 'select pg_last_wal_replay_lsn() >= $1::pg_lsn as it', [lsn[0]?.it]), {
      timeout: 20_000,
    })
    .toEqual([{ it: true }]);
  const rows = 'select id, text from item order by id';
  expect(await sql(loser, rows)).toEqual(await sql(survivor, rows));
  expect(await sql(loser, 'select pg_is_in_recovery() as it')).toEqual([{ it: true }]);
}

/** SIGKILL to every process of the data directory; ends when none is left. Its `postmaster.pid` stays. */
export async function killServer(server: TestServer): Promise<void> {
  await expect
    .poll(
      async () => {
        const left = await processesOf(server.postgres.dataDirectory);
        for (const { pid } of left) process.kill(pid, 'SIGKILL');
        return left.length;
      },
      { timeout: 10_000 },
    )
    .toBe(0);
}
