/** `primacy salvage acknowledge` by the real executable, on bundles in a folder of their own, up to the metric behind SalvageWaiting. */
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Lsn } from '../../../src/core/model/lsn.ts';
import type { EpochMillis, NodeName, SystemIdentifier } from '../../../src/core/model/names.ts';
import { parseTimelineId } from '../../../src/core/model/timeline.ts';
import { rejoinMetrics } from '../../../src/metrics/rejoin.ts';
import type { MetricSample } from '../../../src/metrics/sample.ts';
import type { ScrapeView } from '../../../src/metrics/view.ts';
import { markReplayed } from '../../../src/world/files/bundle-list.ts';
import { writeBundleManifest } from '../../../src/world/files/salvage-bundle.ts';
import { summarizeSalvage } from '../../../src/world/files/salvage-summary.ts';
import { runLocally } from '../../../src/world/remote/local-runner.ts';
import type { CommandResult } from '../../../src/world/remote/runner.ts';
import { failedRejoin } from '../../unit/metrics/fixtures/rejoin-views.ts';

const EXECUTABLE = join(import.meta.dirname, '../../../src/cli/primacy.js');
const REASON = 'the shop sent these orders again';
let folder: string;
let salvage: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'primacy-acknowledge-'));
  salvage = join(folder, 'salvage');
  await bundle('join-1', 7);
  await bundle('join-2', 3);
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

async function bundle(name: string, clientTransactions: number): Promise<void> {
  const directory = join(salvage, name);
  await mkdir(directory, { recursive: true });
  await writeBundleManifest(directory, {
    account: {
      node: 'pg1' as NodeName,
      survivor: 'pg2' as NodeName,
      systemIdentifier: '7000000000000000001' as SystemIdentifier,
      loserTimeline: parseTimelineId(1),
      survivorTimeline: parseTimelineId(2),
      forkLsn: 0x3000000n as Lsn,
      endLsn: 0x3001000n as Lsn,
      transactions: clientTransactions + 1,
      clientTransactions,
      bytes: 4_096,
      bundle: directory,
      digest: 'd'.repeat(64),
    },
    createdAt: Date.parse('2026-11-21T12:00:00Z') as EpochMillis,
    history: '',
    control: { state: 'shut down', checkpointLsn: '0/3000100' },
    files: [],
    content: null,
    sums: {},
  });
}

/** As a person behind sudo. */
function primacy(...words: readonly string[]): Promise<CommandResult> {
  const environment = [`PRIMACY_STATE_DIR=${folder}`, 'SUDO_USER=ann'];
  return runLocally({
    program: 'env',
    arguments: [...environment, process.execPath, EXECUTABLE, ...words],
    timeoutMs: 60_000,
  });
}

/** What waits, as the agent exports it. */
async function lost(): Promise<readonly MetricSample[]> {
  const rejoin = { ...failedRejoin, salvage: await summarizeSalvage(salvage) };
  return rejoinMetrics({ rejoin } as ScrapeView).filter(
    (it) => it.name === 'primacy_divergence_lost_transactions',
  );
}

test('the bundle waits no longer, says who, when and why, and the others wait on', async () => {
  expect(await lost()).toHaveLength(2);
  const said = await primacy('salvage', 'acknowledge', 'join-1', '--reason', REASON, '--json');
  expect(said).toMatchObject({ kind: 'done', stderr: '' });
  const mark = JSON.parse(await readFile(join(salvage, 'join-1/acknowledged.json'), 'utf8')) as object;
  expect(mark).toEqual({
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/) as string,
    by: 'ann',
    why: REASON,
  });
  expect(JSON.parse(said.stdout)).toEqual({
    ...mark,
    bundle: 'join-1',
    path: join(salvage, 'join-1'),
    clientTransactions: 7,
    alreadyAcknowledged: false,
  });
  expect(await lost()).toMatchObject([{ labels: { incident: 'join-2' }, value: 3 }]);
  expect((await primacy('salvage', 'list')).stdout).toContain(`acknowledged by ann: ${REASON}`);
});

test('said once more, the first word stands', async () => {
  await primacy('salvage', 'acknowledge', 'join-1', '--reason', REASON);
  const first = await readFile(join(salvage, 'join-1/acknowledged.json'), 'utf8');
  const again = await primacy('salvage', 'acknowledge', 'join-1', '--reason', 'another');
  expect(again.kind).toBe('done');
  expect(again.stdout).toContain('ann said so before');
  expect(await readFile(join(salvage, 'join-1/acknowledged.json'), 'utf8')).toBe(first);
});

test('refused in words: no such bundle, no reason, nothing that waits', async () => {
  const unknown = await primacy('salvage', 'acknowledge', 'join-9', '--reason', REASON);
  expect(unknown).toMatchObject({ kind: 'failed', exitCode: 64 });
  expect(unknown.stderr).toContain('cannot find bundle "join-9": there are join-1, join-2');
  const silent = await primacy('salvage', 'acknowledge', 'join-1');
  expect(silent).toMatchObject({ kind: 'failed', exitCode: 64 });
  expect(silent.stderr).toContain('--reason must say why');
  await bundle('join-3', 0);
  const empty = await primacy('salvage', 'acknowledge', 'join-3', '--reason', REASON);
  expect(empty).toMatchObject({ kind: 'failed', exitCode: 1 });
  expect(empty.stderr).toContain('no client had changed anything');
  await markReplayed(join(salvage, 'join-2'), { at: 'noon', by: 'bob', into: 'pg2', databases: [] });
  const replayed = await primacy('salvage', 'acknowledge', 'join-2', '--reason', REASON);
  expect(replayed).toMatchObject({ kind: 'failed', exitCode: 1 });
  expect(replayed.stderr).toContain('bob put it back into pg2 at noon');
  expect(await lost()).toMatchObject([{ labels: { incident: 'join-1' } }]);
});
