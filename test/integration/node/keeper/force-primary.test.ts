/** The whole way of an override: a real standby, the real agent as a process, and the command that a person types; primary and witness are gone. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { pathsBelow } from '../../../../src/config/paths.ts';
import { NO_MEMORY } from '../../../../src/core/lease/voter.ts';
import type { EpochMillis, NodeName } from '../../../../src/core/model/names.ts';
import { askAgent } from '../../../../src/node/ask-agent.ts';
import type { StateDocument } from '../../../../src/node/keeper/state-document.ts';
import { pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { writeAdoption } from '../../../../src/world/files/adoption.ts';
import { writeVoteMemory } from '../../../../src/world/files/vote-memory.ts';
import { runLocally } from '../../../../src/world/remote/local-runner.ts';
import type { CommandResult } from '../../../../src/world/remote/runner.ts';
import {
  createPlayground,
  sql,
  stopServer,
  type Playground,
  type TestServer,
} from '../../../support/postgres-cluster.ts';

const PRIMACY = join(import.meta.dirname, '../../../../src/cli/primacy.js');
const VOTER_PORT = 18_739;
const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;

let playground: Playground;
let survivor: TestServer;
let agent: ChildProcess | null = null;
let identifier = '';
let directory = '';
let environment: Record<string, string> = {};

const paths = () => pathsBelow(directory, directory);
const state = (): Promise<StateDocument> =>
  askAgent<StateDocument>(paths().agentSocket, 'GET', '/state', 2_000);
const REASON = 'pg1 and the witness burnt down';
const force = (confirm: string): Promise<CommandResult> => {
  const config = ['--config', join(directory, 'primacy.yml'), '--node', 'pg2'];
  const words = ['--force-primary', '--reason', REASON, '--confirm', confirm];
  return runLocally({
    program: process.execPath,
    arguments: [PRIMACY, 'start', ...config, ...words],
    timeoutMs: 60_000,
    environment,
  });
};

/** Of a pair with a witness, whose other two are not there: only this node's address leads anywhere. */
async function configure(): Promise<void> {
  const { port, dataDirectory, configFile, passwordFile } = survivor.postgres;
  const cluster = {
    name: 'main',
    vip: '127.99.8.100/32',
    interface: 'lo',
    vrid: 1,
    heartbeat: { interval: 0.2 },
    postgres: { port, dataDirectory, configFile, passwordFile },
    agent: { secretFile: passwordFile, voterPort: VOTER_PORT },
    fencing: { fuse: false, kernelLease: 'off' },
    nodes: [
      { name: 'pg1', addresses: ['127.0.88.1'] },
      { name: 'pg2', addresses: ['127.0.0.1'] },
      { name: 'witness', kind: 'witness', addresses: ['127.0.88.3'] },
    ],
  };
  await writeFile(join(directory, 'primacy.yml'), JSON.stringify({ clusters: [cluster] }));
  const adoption = { at: 0 as EpochMillis, node: PG2, systemIdentifier: identifier as never };
  await writeAdoption(paths().adoption, adoption);
  const lease = { epoch: 5, uuid: 'uuid-5', holder: PG1 };
  await writeVoteMemory(paths().vote, { ...NO_MEMORY, lease, digest: 'of them all', longestWaitMs: 2_700 });
}

async function startAgent(): Promise<void> {
  const listen = `127.0.0.1:${20_000 + (process.pid % 10_000)}`;
  const words = ['agent', '--config', join(directory, 'primacy.yml'), '--node', 'pg2'];
  agent = spawn(process.execPath, [PRIMACY, ...words, '--web.listen-address', listen], {
    stdio: 'ignore',
    env: environment,
  });
  const seen = await pollUntil(systemClock, 30_000, 100, () =>
    state().then(
      (it) => (it.server?.role === 'standby' ? true : undefined),
      () => undefined,
    ),
  );
  expect(seen).toBe(true);
}

beforeAll(async () => {
  playground = await createPlayground();
  const primary = await playground.createPrimary('pg1');
  survivor = await playground.createStandby('pg2', primary);
  const statement = 'select system_identifier::text as it from pg_control_system()';
  identifier = (await sql<{ it: string }>(primary, statement))[0]?.it ?? '';
  await stopServer(primary, 'immediate');
  directory = join(playground.directory, 'state');
  environment = {
    PATH: process.env['PATH'] ?? '',
    SUDO_USER: 'mira',
    PRIMACY_STATE_DIR: directory,
    PRIMACY_RUN_DIR: directory,
  };
  await mkdir(directory);
  await configure();
  await startAgent();
});
afterAll(async () => {
  if (agent !== null) {
    const ended = once(agent, 'exit');
    agent.kill('SIGTERM');
    await ended;
  }
  await playground.remove();
});

test('the survivor waits by itself, and with a wrong number', async () => {
  expect((await state()).duty?.kind).toBe('wait');
  expect(await force('7')).toMatchObject({ kind: 'failed', exitCode: 10 });
  expect(await sql(survivor, 'select pg_is_in_recovery() as it')).toEqual([{ it: true }]);
});

test('the survivor is primary once a person has insisted, in the next epoch, and everything tells of it', async () => {
  const result = await force(identifier);
  expect(result).toMatchObject({ kind: 'done', stderr: '' });
  expect(result.stdout).toContain(
    'pg2: primary: forced by a person: pg1 and the witness burnt down; the override',
  );
  expect(await sql(survivor, 'select pg_is_in_recovery() as it')).toEqual([{ it: false }]);
  const { lease, duty } = await state();
  expect(lease).toMatchObject({
    held: { epoch: 6, holder: 'pg2' },
    override: { reason: REASON },
  });
  expect(lease.remainingSeconds).toBeGreaterThan(0);
  expect(['hold', 'promote-here']).toContain(duty?.kind);
  const journal = await readFile(paths().nodeJournal, 'utf8');
  expect(journal).toContain('by mira, for 3600 s');
  const written = await pollUntil(systemClock, 10_000, 100, async () => {
    const rows = await sql(survivor, 'select node, epoch::int as epoch from primacy.epoch');
    return rows.length > 0 ? rows : undefined;
  });
  expect(written).toEqual([{ node: 'pg2', epoch: 6 }]);
});

test('it goes on without any voter for longer than a lease, and a second word of the same kind changes nothing', async () => {
  const before = (await state()).lease.override;
  await systemClock.wait(2_000);
  const { lease } = await state();
  expect(lease.remainingSeconds).toBeGreaterThan(0);
  expect(await force(identifier)).toMatchObject({ kind: 'done', stdout: 'pg2: it runs as primary\n' });
  expect((await state()).lease.override?.at).toBe(before?.at);
});
