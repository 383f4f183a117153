/** A VIP on a witness, in a kernel's real address list: taken away, journaled, and looked at again. */
import { execFileSync } from 'node:child_process';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../src/config/schema.ts';
import { NO_MEMORY, type VoterMemory } from '../../../src/core/lease/voter.ts';
import type { NodeName } from '../../../src/core/model/names.ts';
import { createWitnessVip } from '../../../src/node/witness-vip.ts';
import { systemClock } from '../../../src/world/clock.ts';
import type { JournalEntry } from '../../../src/world/files/node-journal.ts';
import { localRunner } from '../../../src/world/remote/local-runner.ts';
import type { Runner } from '../../../src/world/remote/runner.ts';

const VIP = '127.99.8.77';
const LEASE = { epoch: 1, uuid: 'one', holder: 'pg1' as NodeName };
let journaled: string[];

const addresses = (): string =>
  execFileSync('ip', ['-o', 'address', 'show', 'dev', 'lo'], { encoding: 'utf8' });
const add = (prefix: number): void => {
  execFileSync('ip', ['address', 'add', `${VIP}/${prefix}`, 'dev', 'lo']);
};
const flush = (): void => {
  execFileSync('ip', ['address', 'flush', 'dev', 'lo', 'to', `${VIP}/32`]);
};

function clusterOf(): ClusterConfig {
  const nodes = [
    { name: 'pg1', addresses: ['10.0.0.1'] },
    { name: 'witness', kind: 'witness', addresses: ['10.0.0.9'] },
  ];
  const [cluster] = configSchema.parse({
    clusters: [{ name: 'main', vip: `${VIP}/32`, interface: 'lo', vrid: 1, nodes }],
  }).clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

function stepOf(memory: Partial<VoterMemory> = { lease: LEASE }, runner: Runner = localRunner) {
  const cluster = clusterOf();
  const [, node] = cluster.nodes;
  if (node === undefined) throw new Error('no witness');
  const append = async ({ procedure, event }: JournalEntry): Promise<void> => {
    journaled.push(`${procedure} ${event}`);
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const lease = { memory: () => ({ ...NO_MEMORY, ...memory }) };
  return createWitnessVip({ cluster, node, runner, clock: systemClock, journal: { append }, lease, log });
}

beforeEach(() => {
  journaled = [];
  flush();
});
afterEach(flush);

test.each([32, 24])('a VIP that somebody added with a prefix of %i is taken away', async (prefix) => {
  add(prefix);
  await stepOf()();
  expect(addresses()).not.toContain(VIP);
  expect(journaled).toEqual(['release-vip intent', 'release-vip done']);
});

test('where there is none, nothing is done; and before the first lease an agent only observes', async () => {
  await stepOf()();
  add(32);
  await stepOf({ lease: null })();
  expect(addresses()).toContain(VIP);
  expect(journaled).toEqual([]);
});

test('one that stays is told as failed, and not tried again at once', async () => {
  add(32);
  const refusing: Runner = {
    run: async (command) =>
      command.arguments.includes('flush')
        ? { kind: 'failed', exitCode: 2, stdout: '', stderr: 'Operation not permitted' }
        : localRunner.run(command),
  };
  const step = stepOf({ lease: LEASE }, refusing);
  await step();
  await step();
  expect(journaled).toEqual(['release-vip intent', 'release-vip failed']);
});
