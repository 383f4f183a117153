/** A bundle of 10,000 transactions, a disk that fills up while it is made, and tables that must not be read. */
import { execFile } from 'node:child_process';
import { open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { DivergenceAccount } from '../../../../src/core/model/account.ts';
import { account } from '../../../../src/node/procedures/account.ts';
import type { ProcedureContext } from '../../../../src/node/procedures/context.ts';
import { fence } from '../../../../src/node/procedures/fence.ts';
import { replayBundle, type ReplayReport } from '../../../../src/node/salvage/replay-bundle.ts';
import { readBundle } from '../../../../src/world/files/bundle-list.ts';
import { processesOf } from '../../../../src/world/postgres/processes.ts';
import type { Runner } from '../../../../src/world/remote/runner.ts';
import { psql } from '../../../support/fork-ground.ts';
import {
  createPlayground,
  promoteServer,
  sql,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';
import { contextOf, nodeNamed, orderOf } from '../../../support/procedure-context.ts';

const execute = promisify(execFile);
const LIMIT_MS = 300_000;
const TRANSACTIONS = 10_000;

let playground: Playground;
let one: TestServer;
let two: TestServer;
let context: ProcedureContext;
let untouched: string;

/** Every third updates, every tenth deletes, and each inserts, in a transaction of its own. */
const WORK = `
  do $$ begin for k in 1 .. ${TRANSACTIONS} loop
    insert into ledger values (k + 100000, 'new');
    if k % 3 = 0 then update ledger set v = 'changed' where id = k; end if;
    if k % 10 = 1 then delete from ledger where id = k; end if;
    commit;
  end loop; end $$;`;

beforeAll(async () => {
  playground = await createPlayground();
  one = await playground.createPrimary('pg1', ['fsync = off']);
  await psql(
    one,
    `create table ledger (id int primary key, v text); insert into ledger select n, 'old' from generate_series(1, ${TRANSACTIONS}) n;
     create table untouched (id int, filler text); insert into untouched select n, repeat('u', 1000) from generate_series(1, 20000) n;
     checkpoint;`,
  );
  const [file] = await sql<{ path: string }>(one, "select pg_relation_filepath('untouched') as path");
  untouched = join(one.postgres.dataDirectory, file?.path ?? '');
  two = await playground.createStandby('pg2', one);
  await promoteServer(two);
  await psql(
    two,
    "update ledger set v = 'survivor' where id <= 300; insert into ledger values (100001, 'mine');",
  );
  await psql(one, WORK);
  context = await contextOf(playground.directory, one, [one, two]);
  await fence(context, { ...orderOf('r-1'), reason: 'dual-primary' });
  // Its pages are destroyed: whoever reads one gets an error from the server, whose data has checksums.
  const damaged = await open(untouched, 'r+');
  await damaged.write(Buffer.alloc(1_048_576, 0xa5), 0, 1_048_576, 0);
  await damaged.close();
}, LIMIT_MS);
afterAll(async () => {
  await execute('umount', [context.paths.salvageDirectory]).catch(() => undefined);
  await playground.remove();
}, LIMIT_MS);

function take(changed: Partial<ProcedureContext> = {}): Promise<DivergenceAccount> {
  return account({ ...context, ...changed }, { ...orderOf('r-1'), survivor: nodeNamed(two) });
}

function replay(bundle: string): Promise<ReplayReport> {
  const conninfo = `host=${two.socketDirectory} port=${two.postgres.port} user=postgres`;
  const target = { name: 'pg2', psql: 'psql', prefix: [], conninfo };
  const options = { dryRun: false, by: 'tester', at: new Date(), timeoutMs: LIMIT_MS };
  return readBundle(bundle).then((it) => replayBundle(it, target, options));
}

test('a server that comes up too late to be read is not left running alone', async () => {
  const late: Runner = {
    run: async (command) => {
      const result = await context.runner.run(command);
      const isStart = command.program.endsWith('pg_ctl') && command.arguments.includes('start');
      return isStart ? { kind: 'unknown', reason: 'no end in time', stdout: '', stderr: '' } : result;
    },
  };
  await expect(take({ runner: late })).rejects.toMatchObject({ code: 'refused' });
  expect(await processesOf(one.postgres.dataDirectory)).toEqual([]);
});

test('without room nothing is begun', async () => {
  const salvage = { keepDays: 30, maxBytes: 1_000_000 };
  await expect(take({ cluster: { ...context.cluster, salvage } })).rejects.toThrow(
    /cannot keep what pg1 would lose: .*salvage.maxBytes is 1000000/,
  );
});

test(
  'a disk that fills up meanwhile leaves no bundle, and says so; with room the same call makes it',
  async () => {
    const { salvageDirectory } = context.paths;
    await execute('mount', ['-t', 'tmpfs', '-o', 'size=400m', 'tmpfs', salvageDirectory]);
    const journal: ProcedureContext['journal'] = {
      append: async (entry) => {
        if (entry.step === 'take-rows' && entry.event === 'intent')
          await writeFile(join(salvageDirectory, 'hog'), Buffer.alloc(400_000_000)).catch(() => undefined);
        await context.journal.append(entry);
      },
    };
    await expect(take({ journal })).rejects.toThrow(/cannot keep what pg1 would lose: no space is left/);
    expect(await readdir(join(salvageDirectory, 'r-1'))).not.toContain('account.json');
    await execute('umount', [salvageDirectory]);
  },
  LIMIT_MS,
);

test(
  '10,000 transactions are put back once; conflicts are listed; what was not changed was not read',
  async () => {
    const accounted = await take();
    expect(accounted.clientTransactions).toBe(TRANSACTIONS);
    const { manifest } = await readBundle(accounted.bundle);
    const rows = { insert: TRANSACTIONS, update: 3_000, delete: 1_000 };
    expect(manifest?.content?.relations).toMatchObject([{ name: 'ledger', rows }]);
    const text = await readFile(join(accounted.bundle, 'rows.jsonl'), 'utf8');
    expect(text.trim().split('\n')).toHaveLength(14_000);
    expect(text.match(/"missing":/g)).toHaveLength(30);
    const report = await replay(accounted.bundle);
    // Of the 300 rows that the survivor changed, 90 were updated and 30 deleted on the other side, and one new key is taken.
    // Old versions of the deleted ones are nowhere any more: they are named, and there is nothing to compare with.
    expect(report.databases).toMatchObject([{ applied: 14_000 - 121, conflicts: 91 }]);
    expect(report.conflicts.filter((it) => it.action === 'insert')).toMatchObject([
      { after: { id: '100001' } },
    ]);
    const look = 'select count(*)::int as n, sum(hashtext(l::text))::text as sum from ledger l';
    const before = await sql(two, look);
    expect(before).toMatchObject([{ n: 2 * TRANSACTIONS - 970 }]);
    const again = await replay(accounted.bundle);
    expect(again.databases.map((it) => it.alreadyReplayed)).toEqual([true]);
    expect(await sql(two, look)).toEqual(before);
  },
  LIMIT_MS,
);
