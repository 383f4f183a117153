/** The lease between three agents where something is wrong: a broken memory, a disk that hangs or is full, other terms, no secret. */
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { memoryFileAt, type MemoryFile } from '../../../../src/node/lease/vote-store.ts';
import { reportOf } from '../../../support/lease-messages.ts';
import {
  claimPatiently,
  createLeaseTrio,
  until,
  withHolder,
  type LeaseTrio,
} from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const PORT = 18_703;
const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;

beforeEach(async () => {
  trio = await createLeaseTrio(PORT);
});
afterEach(() => trio.remove());

test('a voter whose memory was cut off grants nothing, until a holder has taught it', async () => {
  await writeFile(trio.pathsOf('witness').vote, '{"memory":{"lease":{"epo');
  const witness = await trio.start('witness');
  const pg1 = await trio.start('pg1');
  expect(witness.statistics().memoryBroken).toContain('vote.json.broken-');
  expect(trio.logged.join('\n')).toContain('this voter grants nothing');
  expect(await pg1.claim(300, true)).toBe(null);
  expect(await witness.claim(300, true)).toBe(null);
  expect(witness.statistics().refusals.get('memory-broken')).toBeGreaterThan(0);
  // A third voter makes the majority; the holder's renewal then teaches the witness.
  await trio.start('pg2');
  const lease = await claimPatiently(pg1, true);
  await until(() => witness.statistics().memoryBroken === null);
  expect(witness.memory().lease).toEqual(lease);
  await trio.end(witness);
  const again = await trio.start('witness');
  expect(again.statistics().memoryBroken).toBe(null);
  expect(again.memory().lease).toEqual(lease);
});

test('a holder with a disk that hangs goes on, for renewals need none; a voter that must write gives up and begins again', async () => {
  const disk = heldUpDisk(trio.pathsOf('pg2').vote);
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2', { memoryFile: disk });
  const witness = await trio.start('witness');
  await claimPatiently(pg1, true);
  await until(() => pg2.memory().lease !== null);
  disk.hang();
  const first = pg1.entitledUntil() ?? 0;
  await until(() => (pg1.entitledUntil() ?? 0) > first + 500);
  expect(pg2.statistics().stopped).toBe(null);

  // A new epoch would have to be written.
  const waiting = pg2.claim(3_000);
  pg1.abandon();
  expect(await pg1.claim(1_000)).toMatchObject({ epoch: 2 });
  await until(() => pg2.statistics().stopped !== null);
  expect(await waiting).toBe(null);
  expect(pg2.statistics().stopped).toBe('the disk did not answer within 1000 ms');
  // The holder has its majority without it.
  const second = pg1.entitledUntil() ?? 0;
  await until(() => (pg1.entitledUntil() ?? 0) > second + 300);
  const answers = sum(pg2.statistics().votes);
  disk.goOn();
  await until(() => pg2.statistics().stopped === null);
  await until(() => sum(pg2.statistics().votes) > answers);
  expect(witness.held()).toBe(null);
});

test('a claim whose memory cannot be written is none, and says so', async () => {
  const full: MemoryFile = {
    read: () => Promise.resolve({ kind: 'none' }),
    write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
  };
  const pg1 = await trio.start('pg1', { memoryFile: full });
  await trio.start('pg2');
  await trio.start('witness');
  expect(await pg1.claim(1_000, true)).toBe(null);
  expect(pg1.statistics()).toMatchObject({ stopped: 'ENOSPC: no space left on device', remainingMs: null });
  expect(trio.logged.join('\n')).toContain('cannot vote: the memory cannot be written');
});

test('a holder whose fences cannot read its deadline is not entitled, and does not keep the lease from others', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  const folder = dirname(trio.pathsOf('pg1').leaseFile);
  await rename(folder, `${folder}-away`);
  await until(() => pg1.entitledUntil() === null);
  await until(() =>
    trio.logged.some((it) => it.startsWith('lease abandoned: its deadline cannot be written')),
  );
  expect(await pg1.claim(1_000)).toBe(null);
  await until(() => pg2.mayClaim());
  expect(await pg2.claim(1_000)).toMatchObject({ holder: 'pg2' });
});

test('a report that is too large is refused, the lease goes on, and nothing stale is told instead', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  pg1.setReport(reportOf(PG1));
  await until(() => pg2.peers().get(PG1)?.report.server?.lsn === '0/3000060');
  const large = { ...reportOf(PG1), sights: Array.from({ length: 200 }, () => reportOf(PG1).sights[0]!) };
  expect(() => pg1.setReport(large)).toThrow(/^cannot send the report of pg1: \d+ bytes, at most 4096$/);
  await until(() => pg2.peers().get(PG1)?.report.server === null);
  await expect(pg1.transfer(PG2, 'x'.repeat(4_000), 500)).rejects.toThrow('cannot send the proof of pg1');
  expect(pg1.held()).not.toBe(null);
});

test('a voter with other terms grants nothing, and says why', async () => {
  const other = trio.clusterWith({ timings: { promotionWaitSeconds: 5 } });
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2', { cluster: other });
  const witness = await trio.start('witness', { cluster: other });
  expect(await pg1.claim(300, true)).toBe(null);
  for (const voter of [pg2, witness])
    expect(voter.statistics().refusals.get('configuration-differs')).toBeGreaterThan(0);
  await until(() => [pg1, pg2, witness].every((it) => agreements(it).length === 2));
  expect([agreements(pg1), agreements(pg2), agreements(witness)]).toEqual([
    ['pg2 false', 'witness false'],
    ['pg1 false', 'witness true'],
    ['pg1 false', 'pg2 true'],
  ]);
});

/** Voters that asked this one, and whether with the same terms. */
function agreements(voter: RunningLeaseService): readonly string[] {
  return voter
    .statistics()
    .contacts.filter(({ agrees }) => agrees !== null)
    .map(({ peer, agrees }) => `${peer} ${agrees}`);
}

test('without a secret that can be used there is no service', async () => {
  const agent = { voterPort: PORT, secretFile: `${trio.pathsOf('pg1').vote}.secret` };
  const cluster = trio.clusterWith({ agent });
  await expect(trio.start('pg1', { cluster })).rejects.toThrow("cannot read the cluster's secret");
  await writeFile(agent.secretFile, 'short\n');
  await expect(trio.start('pg1', { cluster })).rejects.toThrow('has less than 16 characters');
});

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** A real file behind writes that can be held up. */
function heldUpDisk(path: string): MemoryFile & { readonly hang: () => void; readonly goOn: () => void } {
  const file = memoryFileAt(path);
  let gate = Promise.resolve();
  let open = (): void => undefined;
  return {
    read: file.read,
    write: async (memory) => {
      await gate;
      await file.write(memory);
    },
    hang: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    goOn: () => {
      gate = Promise.resolve();
      open();
    },
  };
}
