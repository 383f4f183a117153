/** `npm run bench -- account [MEGABYTES]`: how long an account's two passes over so much WAL take, beside unfiltered pg_waldump on the same files. */
import { spawnSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransactionCounter } from '../../src/core/divergence/count-transactions.ts';
import { createRowTracker } from '../../src/core/divergence/track-rows.ts';
import { segmentFileName, segmentNumber } from '../../src/core/divergence/wal-position.ts';
import { formatLsn, parseLsn, type Lsn } from '../../src/core/model/lsn.ts';
import { parseTimelineId } from '../../src/core/model/timeline.ts';
import { readWal } from '../../src/world/postgres/read-wal.ts';
import {
  BIN_DIRECTORY,
  createPlayground,
  sql,
  stopServer,
  type TestServer,
} from '../support/postgres-cluster.ts';
import { cpuSeconds } from './process-usage.ts';
import { percentile } from './statistics.ts';

const SEGMENT_BYTES = 16_777_216;
const TIMELINE = parseTimelineId(1);
const LIMIT_MS = 600_000;
const ROUNDS = 3;
/** As many as the account follows. */
const ROWS_MAX = 1_000_000;

/** Beside pgbench's own transactions of four small changes: large ones, and deletes, so that a gigabyte comes together in minutes. */
const LARGE = String.raw`
\set aid random(1, 100000 * :scale - 400)
\set delta random(-5000, 5000)
begin;
update pgbench_accounts set abalance = abalance + :delta where aid between :aid and :aid + 399;
insert into pgbench_history (tid, bid, aid, delta, mtime) select 1, 1, :aid + n, :delta, now() from generate_series(1, 400) n;
insert into notes (body) select md5(n::text) from generate_series(1, 200) n;
delete from notes where id in (select id from notes order by id limit 100);
commit;`;

const SETTINGS = [
  'wal_keep_size = 8GB',
  'max_wal_size = 16GB',
  'shared_buffers = 256MB',
  'synchronous_commit = off',
  'fsync = off',
  // Whole pages would make the same bytes with far fewer records.
  'full_page_writes = off',
];

/** Writes WAL until there is enough, and returns where it began. */
async function write(server: TestServer, bytes: number, folder: string): Promise<Lsn> {
  const script = join(folder, 'large.sql');
  await writeFile(script, LARGE);
  pgbench(server, ['-i', '-q', '-s', '10']);
  await sql(server, 'create table notes (id bigserial primary key, body text)');
  const start = await position(server, 'pg_switch_wal');
  while ((await position(server, 'pg_current_wal_lsn')) - start < BigInt(bytes))
    pgbench(server, ['-n', '-M', 'prepared', '-c', '2', '-T', '5', '-b', 'tpcb-like@5', '-f', `${script}@1`]);
  return start;
}

async function position(server: TestServer, call: string): Promise<Lsn> {
  const [row] = await sql<{ lsn: string }>(server, `select ${call}() as lsn`);
  return parseLsn(row?.lsn ?? '');
}

function pgbench(server: TestServer, options: readonly string[]): void {
  const place = ['-h', server.socketDirectory, '-p', String(server.postgres.port), '-U', 'postgres'];
  const done = spawnSync(join(BIN_DIRECTORY, 'pgbench'), [...place, ...options, 'postgres'], {
    encoding: 'utf8',
  });
  if (done.status !== 0) throw new Error(`pgbench failed: ${done.stderr}`);
}

interface Pass {
  readonly seconds: number;
  readonly cpuSeconds: number;
}

/** Both passes, in a process whose peak of memory is its own. */
async function account(directory: string, start: Lsn): Promise<void> {
  const first = segmentFileName(TIMELINE, segmentNumber(start, SEGMENT_BYTES), SEGMENT_BYTES);
  const names = (await readdir(directory)).filter((it) => /^[0-9A-F]{24}$/.test(it) && it >= first);
  const paths = names.toSorted().map((name) => join(directory, name));
  const options = { paths, start, segmentBytes: SEGMENT_BYTES, timeoutMs: LIMIT_MS };
  const counter = createTransactionCounter({ fork: start, ignored: new Set() });
  let records = 0;
  const count = await timed(() =>
    readWal(options, (record) => {
      records += 1;
      counter.add(record);
    }),
  );
  const { transactions, changes, committed, createdFiles: created } = counter.result();
  const tracker = createRowTracker({
    committed,
    wanted: new Set(changes.keys()),
    created,
    rowsMax: ROWS_MAX,
  });
  const rows = await timed(() => readWal(options, (record) => tracker.add(record)));
  const peakMegabytes = process.resourceUsage().maxRSS / 1_024;
  process.stdout.write(`${JSON.stringify({ count, rows, records, transactions, peakMegabytes })}\n`);
}

async function timed(act: () => unknown): Promise<Pass> {
  const [begun, cpu] = [performance.now(), cpuSeconds(process.pid)];
  await act();
  return { seconds: (performance.now() - begun) / 1_000, cpuSeconds: cpuSeconds(process.pid) - cpu };
}

interface Run {
  readonly pgWaldump: Pass;
  readonly account: { readonly count: Pass; readonly rows: Pass; readonly peakMegabytes: number };
}

async function once(directory: string, start: Lsn): Promise<Run> {
  const pgWaldump = await timed(() =>
    spawnSync(
      join(BIN_DIRECTORY, 'pg_waldump'),
      ['-p', directory, '-t', String(TIMELINE), '-s', formatLsn(start)],
      { stdio: 'ignore' },
    ),
  );
  const parameters = [import.meta.filename, 'account', directory, formatLsn(start)];
  const child = spawnSync(process.execPath, parameters, { encoding: 'utf8' });
  if (child.status !== 0) throw new Error(`the account failed: ${child.stderr}`);
  return { pgWaldump, account: JSON.parse(child.stdout) as Run['account'] };
}

/** By the clock and by CPU time: on a machine with other work only the second can be repeated. */
function ratios(runs: readonly Run[], of: keyof Pass): object {
  const median = (ratio: (run: Run) => number): number =>
    percentile(
      runs.map((run) => ratio(run) / run.pgWaldump[of]),
      0.5,
    );
  return {
    count: median((run) => run.account.count[of]),
    rows: median((run) => run.account.rows[of]),
    both: median((run) => run.account.count[of] + run.account.rows[of]),
  };
}

async function compare(megabytes: number): Promise<void> {
  const playground = await createPlayground();
  try {
    const server = await playground.createPrimary('pg1', SETTINGS);
    const start = await write(server, megabytes * 1_048_576, playground.directory);
    await stopServer(server, 'fast');
    const directory = join(server.postgres.dataDirectory, 'pg_wal');
    // In cache for both.
    for (const name of await readdir(directory))
      if (/^[0-9A-F]{24}$/.test(name)) await readFile(join(directory, name));
    const runs: Run[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) runs.push(await once(directory, start));
    const load = (await readFile('/proc/loadavg', 'utf8')).trim();
    const medianRatios = { clock: ratios(runs, 'seconds'), cpu: ratios(runs, 'cpuSeconds') };
    process.stdout.write(`${JSON.stringify({ megabytes, load, runs, medianRatios }, null, 2)}\n`);
  } finally {
    await playground.remove();
  }
}

const [first = '1024', directory = '', start = ''] = process.argv.slice(2);
await (first === 'account' ? account(directory, parseLsn(start)) : compare(Number(first)));
