/** The whole agent as a process, against a real server: what it serves, that it answers in time, and how it leaves the gate. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { processesOf } from '../../../src/world/postgres/processes.ts';
import { createPlayground, sql, type Playground, type TestServer } from '../../support/postgres-cluster.ts';

const PRIMACY = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'primacy.js');
let playground: Playground;
let primary: TestServer;
let directory: string;
let agent: ChildProcess | null = null;
let url: string;

const scrape = async (headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(`${url}/metrics`, { headers })).text();
const gate = async (): Promise<string> => (await readFile(join(directory, 'gate'), 'utf8')).trim();
const untilScraped = (line: string): Promise<string | undefined> =>
  pollUntil(systemClock, 20_000, 100, async () => {
    const text = await scrape();
    return text.split('\n').includes(line) ? text : undefined;
  });
const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
  for (const { pid } of await processesOf(primary.postgres.dataDirectory)) process.kill(pid, signal);
};

async function startAgent(): Promise<void> {
  const port = 20_000 + (process.pid % 10_000);
  url = `http://127.0.0.1:${port}`;
  const { port: sqlPort, dataDirectory, configFile, passwordFile } = primary.postgres;
  const config = join(directory, 'primacy.yml');
  const cluster = {
    name: 'main',
    vip: '127.99.7.100/32',
    interface: 'lo',
    vrid: 1,
    heartbeat: { interval: 0.2 },
    postgres: { port: sqlPort, dataDirectory, configFile, passwordFile },
    agent: { secretFile: passwordFile },
    nodes: [{ name: 'pg1', addresses: ['127.0.0.1'] }],
  };
  await writeFile(config, JSON.stringify({ clusters: [cluster] }));
  const parameters = [
    'agent',
    '--config',
    config,
    '--node',
    'pg1',
    '--web.listen-address',
    `127.0.0.1:${port}`,
  ];
  agent = spawn(process.execPath, [PRIMACY, ...parameters], {
    stdio: 'ignore',
    env: { PATH: process.env['PATH'], PRIMACY_STATE_DIR: directory, PRIMACY_RUN_DIR: directory },
  });
  const ready = await pollUntil(systemClock, 30_000, 100, () =>
    fetch(`${url}/-/ready`).then(
      (response) => (response.status === 200 ? true : undefined),
      () => undefined,
    ),
  );
  expect(ready).toBe(true);
}

async function stopAgent(): Promise<number | null> {
  const ending = agent;
  if (ending === null) return null;
  agent = null;
  const ended = once(ending, 'exit');
  ending.kill('SIGTERM');
  await ended;
  return ending.exitCode;
}

beforeAll(async () => {
  playground = await createPlayground();
  primary = await playground.createPrimary('pg1');
  directory = await mkdtemp('/tmp/primacy-agent-');
});
afterEach(async () => {
  await signalAll('SIGCONT');
  await stopAgent();
});
afterAll(async () => {
  await playground.remove();
  await rm(directory, { recursive: true, force: true });
});

test('on a primary it opens the gate, writes heartbeats, and leaves the gate open when it is asked to end', async () => {
  await startAgent();
  expect(await untilScraped('primacy_pg_role{role="primary"} 1')).toBeDefined();
  expect(await untilScraped('primacy_heartbeat_write_success 1')).toContain('primacy_gate_open 1');
  expect(await gate()).toBe('0');
  expect(await stopAgent()).toBe(0);
  expect(await gate()).toBe('0');
});

test('a fence marker closes the gate, and lifting it opens the gate again', async () => {
  await startAgent();
  expect(await untilScraped('primacy_gate_open 1')).toBeDefined();
  const marker = { state: 'fencing', reason: 'operator', remediation: null, fenceNumber: 1, setAt: 0 };
  await writeFile(join(directory, 'fence.json'), JSON.stringify(marker));
  expect(await untilScraped('primacy_gate_open 0')).toContain('primacy_fence_active{reason="operator"} 1');
  await rm(join(directory, 'fence.json'));
  expect(await untilScraped('primacy_gate_open 1')).toBeDefined();
});

test('with every process of the server stopped it answers inside the budget: unknown, and success 0', async () => {
  await startAgent();
  expect(await untilScraped('primacy_pg_role{role="primary"} 1')).toBeDefined();
  await signalAll('SIGSTOP');
  const texts = await Promise.all(
    Array.from({ length: 5 }, () => scrape({ 'x-prometheus-scrape-timeout-seconds': '1' })),
  );
  for (const text of texts) {
    expect(text).toContain('primacy_pg_role{role="unknown"} 1');
    expect(text).toContain('primacy_scrape_collector_success{collector="postgres"} 0');
    expect(text).not.toMatch(/^primacy_pg_current_lsn_bytes /m);
    const took = /^primacy_scrape_collector_duration_seconds\{collector="postgres"\} (.*)$/m.exec(text);
    // The collector's own limit: 0.8 s of the second, and the timer's delay on a busy machine.
    expect(Number(took?.[1])).toBeLessThan(10);
  }
  await signalAll('SIGCONT');
  expect(await untilScraped('primacy_pg_role{role="primary"} 1')).toBeDefined();
});

test('it ends with the gate closed where the server does not answer', async () => {
  await startAgent();
  expect(await untilScraped('primacy_gate_open 1')).toBeDefined();
  await signalAll('SIGSTOP');
  expect(await stopAgent()).toBe(0);
  expect(await gate()).toBe('1');
});

test('a commit that waits for a synchronous standby is told apart from one that cannot be written, and nothing piles up', async () => {
  await sql(primary, "alter system set synchronous_standby_names = 'nobody'");
  await sql(primary, 'select pg_reload_conf()');
  await startAgent();
  try {
    expect(await untilScraped('primacy_heartbeat_sync_wait 1')).toContain(
      'primacy_heartbeat_write_success 1',
    );
    const waiting = await sql(
      primary,
      "select 1 from pg_stat_activity where application_name = 'primacy sync probe'",
    );
    expect(waiting.length).toBeLessThanOrEqual(1);
  } finally {
    await sql(primary, 'alter system reset synchronous_standby_names');
    await sql(primary, 'select pg_reload_conf()');
  }
  // Nothing is configured to wait for any more, so there is nothing to say.
  const silent = await pollUntil(systemClock, 20_000, 100, async () =>
    /^primacy_heartbeat_sync_wait /m.test(await scrape()) ? undefined : true,
  );
  expect(silent).toBe(true);
});

test('it serves OpenMetrics where that is asked for, a landing page, health, and 404 for the rest', async () => {
  await startAgent();
  const accept = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1';
  const metrics = await fetch(`${url}/metrics`, { headers: { accept } });
  expect(metrics.headers.get('content-type')).toContain('application/openmetrics-text');
  expect((await metrics.text()).endsWith('# EOF\n')).toBe(true);
  expect((await fetch(`${url}/metrics`)).headers.get('content-type')).toContain('text/plain; version=0.0.4');
  expect(await (await fetch(url)).text()).toContain('Node pg1 of cluster main');
  expect((await fetch(`${url}/-/healthy`)).status).toBe(200);
  expect((await fetch(`${url}/nothing`)).status).toBe(404);
});
