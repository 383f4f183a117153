/** `npm run bench -- account [MEGABYTES]`: how long an account of so much WAL takes, beside unfiltered pg_waldump on the same files. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransactionCounter } from '../../src/core/divergence/count-transactions.ts';
import { formatLsn, parseLsn } from '../../src/core/model/lsn.ts';
import { parseTimelineId } from '../../src/core/model/timeline.ts';
import { dumpWal } from '../../src/world/postgres/wal-dump.ts';
import {
  BIN_DIRECTORY,
  createPlayground,
  sql,
  stopServer,
  type TestServer,
} from '../support/postgres-cluster.ts';

const SEGMENT_BYTES = 16_777_216;
const TIMELINE = parseTimelineId(1);
const LIMIT_MS = 600_000;

/** Small rows in small transactions: the most records, and the most commits, that so many bytes can hold. */
const WORKLOAD = `
  create table if not exists account_bench (id int primary key, n int, filler text);
  create or replace procedure work(first int) language plpgsql as $$ begin
    for k in first .. first + 4999 loop
      insert into account_bench values (k, 0, 'short');
      update account_bench set n = n + 1 where id = k;
      if k % 3 = 0 then delete from account_bench where id = k - 1; end if;
      if k % 5 = 0 then commit; end if;
    end loop;
  end $$;`;

/** Writes WAL until there is enough, and returns where it began. */
async function write(server: TestServer, bytes: number): Promise<string> {
  await sql(server, WORKLOAD);
  const [begin] = await sql<{ lsn: string }>(server, 'select pg_current_wal_lsn() as lsn');
  const start = begin?.lsn ?? '0/0';
  for (let first = 1; ; first += 5_000) {
    await sql(server, `call work(${first})`);
    const [now] = await sql<{ lsn: string }>(server, 'select pg_current_wal_lsn() as lsn');
    if (parseLsn(now?.lsn ?? start) - parseLsn(start) >= BigInt(bytes)) return start;
  }
}

/** The account's own pass, alone in a process whose peak of memory is its own. */
async function count(directory: string, start: string): Promise<void> {
  const counter = createTransactionCounter({ fork: parseLsn(start), ignored: new Set() });
  const begun = performance.now();
  let records = 0;
  const source = { binDirectory: BIN_DIRECTORY, directory, timeline: TIMELINE, segmentBytes: SEGMENT_BYTES };
  await dumpWal({ ...source, start: parseLsn(start), timeoutMs: LIMIT_MS }, (record) => {
    records += 1;
    counter.add(record);
  });
  const { transactions, clientTransactions } = counter.result();
  const seconds = (performance.now() - begun) / 1_000;
  const megabytes = process.resourceUsage().maxRSS / 1_024;
  process.stdout.write(
    `${JSON.stringify({ seconds, records, transactions, clientTransactions, megabytes })}\n`,
  );
}

async function compare(megabytes: number): Promise<void> {
  const playground = await createPlayground();
  try {
    const settings = [
      'wal_keep_size = 8GB',
      'max_wal_size = 16GB',
      'synchronous_commit = off',
      'full_page_writes = off',
    ];
    const server = await playground.createPrimary('pg1', settings);
    const start = await write(server, megabytes * 1_048_576);
    await stopServer(server, 'fast');
    const directory = join(server.postgres.dataDirectory, 'pg_wal');
    // In cache for both.
    for (const name of await readdir(directory))
      if (/^[0-9A-F]{24}$/.test(name)) await readFile(join(directory, name));
    const runs = [1, 2, 3].map(() => once(directory, start));
    const ratios = runs.map((run) => run.account.seconds / run.pgWaldump).toSorted((a, b) => a - b);
    const cores = await readFile('/proc/loadavg', 'utf8');
    process.stdout.write(
      `${JSON.stringify({ megabytes, load: cores.trim(), runs, medianRatio: ratios[1] }, null, 2)}\n`,
    );
  } finally {
    await playground.remove();
  }
}

interface Run {
  readonly pgWaldump: number;
  readonly account: { readonly seconds: number; readonly megabytes: number };
}

function once(directory: string, start: string): Run {
  const begun = performance.now();
  spawnSync(
    join(BIN_DIRECTORY, 'pg_waldump'),
    ['-p', directory, '-t', '1', '-s', formatLsn(parseLsn(start))],
    {
      stdio: ['ignore', 'ignore', 'ignore'],
    },
  );
  const pgWaldump = (performance.now() - begun) / 1_000;
  const child = spawnSync(process.execPath, [import.meta.filename, 'count', directory, start], {
    encoding: 'utf8',
  });
  return { pgWaldump, account: JSON.parse(child.stdout) as Run['account'] };
}

const [first = '1024', directory = '', start = ''] = process.argv.slice(2);
await (first === 'count' ? count(directory, start) : compare(Number(first)));
