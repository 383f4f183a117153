/** The whole agent as a process that takes another primacy.yml: by SIGHUP, by its socket and by HTTP, in the same process, or not at all. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { askAgent } from '../../../src/node/ask-agent.ts';
import type { ReloadAnswer } from '../../../src/node/reload.ts';
import { pollUntil, systemClock } from '../../../src/world/clock.ts';
import { freePort } from '../../support/free-port.ts';

const PRIMACY = join(import.meta.dirname, '..', '..', '..', 'src', 'cli', 'primacy.js');
const LIMIT_MS = 20_000;
let directory: string;
let agent: ChildProcess;
let url: string;
let voterPort: number;

const config = (): string => join(directory, 'primacy.yml');
const socket = (): string => join(directory, 'agent.sock');

async function configure(values: object = {}): Promise<void> {
  const cluster = {
    name: 'main',
    vip: '127.99.7.101/32',
    interface: 'lo',
    vrid: 1,
    agent: { secretFile: join(directory, 'secret'), voterPort },
    nodes: [
      { name: 'pg1', addresses: ['127.0.0.2'] },
      { name: 'witness', kind: 'witness', addresses: ['127.0.0.1'] },
    ],
    ...values,
  };
  await writeFile(config(), JSON.stringify({ clusters: [cluster] }));
}

async function scrape(): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}
const untilScraped = (line: RegExp): Promise<string | undefined> =>
  pollUntil(systemClock, LIMIT_MS, 100, async () => {
    const text = await scrape().catch(() => '');
    return line.test(text) ? text : undefined;
  });
const post = (headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${url}/-/reload`, { method: 'POST', headers });
const ask = (): Promise<ReloadAnswer> => askAgent(socket(), 'POST', '/reload', LIMIT_MS);
const environment = async (): Promise<string> =>
  (await readFile(`/proc/${agent.pid ?? 0}/environ`, 'utf8')).replaceAll('\0', '\n');

async function start(...more: readonly string[]): Promise<void> {
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  const listen = ['--web.listen-address', `127.0.0.1:${port}`];
  agent = spawn(
    process.execPath,
    [PRIMACY, 'agent', '--config', config(), '--node', 'witness', ...listen, ...more],
    {
      stdio: 'ignore',
      env: { PATH: process.env['PATH'], PRIMACY_STATE_DIR: directory, PRIMACY_RUN_DIR: directory },
    },
  );
  expect(await untilScraped(/^primacy_config_last_reload_successful 1$/m)).toBeDefined();
}

beforeEach(async () => {
  directory = await mkdtemp('/tmp/primacy-reload-');
  await writeFile(join(directory, 'secret'), 'a secret for the agent of this test\n', { mode: 0o600 });
  voterPort = await freePort();
  await configure();
});
afterEach(async () => {
  const ended = agent.exitCode === null ? once(agent, 'exit') : Promise.resolve();
  agent.kill('SIGTERM');
  await ended;
  await rm(directory, { recursive: true, force: true });
});

test('SIGHUP takes another right file in the same process, and a wrong one not at all', async () => {
  await start();
  await configure({ name: 'main', vip: '127.99.7.102/32' });
  agent.kill('SIGHUP');
  expect(await untilScraped(/vip="127\.99\.7\.102"/)).toBeDefined();
  expect(agent.exitCode).toBeNull();
  expect(await environment()).toContain('127.99.7.102');

  await configure({ timings: { leaseSeconds: 60 } });
  agent.kill('SIGHUP');
  const text = await untilScraped(/^primacy_config_last_reload_successful 0$/m);
  expect(text).toMatch(/vip="127\.99\.7\.102"/);
});

test('who asks at the socket is told what is wrong, where, and what was expected', async () => {
  await start();
  await configure({ timings: { leaseSeconds: 60 } });
  expect(await ask()).toMatchObject({
    code: 'refused',
    reason: expect.stringMatching(
      /primacy\.yml:\d+:\d+: .*promotionWaitSeconds: expected at least/,
    ) as string,
  });
  await configure({ agent: { secretFile: join(directory, 'nothing'), voterPort } });
  expect((await ask()).reason).toContain('nothing');
  await configure({
    nodes: [
      { name: 'witness', addresses: ['127.0.0.1'] },
      { name: 'pg1', addresses: ['127.0.0.2'] },
    ],
  });
  expect((await ask()).reason).toMatch(/its kind is "database"|passwordFile/);
  await configure();
  expect((await ask()).code).toBe('unchanged');
});

test('over HTTP it is off unless it was enabled, and then for this host alone and not for pages', async () => {
  await start();
  expect((await post()).status).toBe(403);
  expect((await fetch(`${url}/-/reload`)).status).toBe(405);
  const ended = once(agent, 'exit');
  agent.kill('SIGTERM');
  await ended;

  await start('--web.enable-lifecycle');
  expect((await post({ origin: 'http://example.org' })).status).toBe(403);
  expect((await post()).status).toBe(200);
  await configure({ timings: { leaseSeconds: 60 } });
  const refused = await post();
  expect(refused.status).toBe(500);
  expect(await refused.text()).toContain('promotionWaitSeconds');
});
