/** The lease by a person's word between three agents, with real datagrams on loopback and real files: alone, honoured, gone on with, ended. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { readLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { readOverrideFile } from '../../../../src/world/files/override-file.ts';
import {
  createLeaseTrio,
  until,
  untilFenced,
  withHolder,
  type LeaseTrio,
} from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const HOUR_MS = 3_600_000;
const REASON = 'pg1 and the witness burnt down';

beforeEach(async () => {
  trio = await createLeaseTrio(18_705);
});
afterEach(() => trio.remove());

/** pg1 held the lease; it and the witness are gone. */
async function survivor(): Promise<RunningLeaseService> {
  const { pg1, pg2, witness } = await withHolder(trio);
  await until(() => pg2.memory().lease?.epoch === 1);
  await trio.end(pg1);
  await trio.end(witness);
  return pg2;
}

async function fileOf(name: 'pg1' | 'pg2'): Promise<unknown> {
  const file = await readOverrideFile(trio.pathsOf(name).overrideFile);
  return file.kind === 'known' ? file.value : file;
}

test('the survivor of a total loss holds the next epoch by its own vote, and the fences read it', async () => {
  const pg2 = await survivor();
  const untilMs = Math.floor(bootMillis()) + HOUR_MS;
  expect(pg2.overrideNow()).toBe(null);
  const lease = await pg2.override(untilMs, REASON);
  expect(lease).toMatchObject({ epoch: 2, holder: 'pg2' });
  expect(pg2.held()).toEqual(lease);
  expect(await readLeaseFile(trio.pathsOf('pg2').leaseFile)).toMatchObject({
    value: { epoch: 2, node: 'pg2' },
  });
  expect(pg2.overrideNow()).toMatchObject({ epoch: 2, uuid: lease?.uuid, untilMs, reason: REASON });
  expect(await fileOf('pg2')).toEqual(pg2.overrideNow());
  const { overrideUntil } = pg2.statistics();
  expect(Math.abs((overrideUntil ?? 0) - (Date.now() + HOUR_MS) / 1_000)).toBeLessThan(10);
  // Longer than any lease without its voters.
  const first = pg2.entitledUntil() ?? 0;
  await until(() => (pg2.entitledUntil() ?? 0) > first + 1_600);
  expect(await pg2.override(untilMs, 'again')).toBe(null);
  expect(pg2.overrideNow()?.reason).toBe(REASON);
  expect(trio.logged.filter((it) => it.startsWith('override began'))).toHaveLength(1);
});

test('everybody who is reached honours it at once, an old holder yields, and from there on it is a lease like any other', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
  const lease = await pg2.override(bootMillis() + HOUR_MS, REASON);
  await until(() => pg1.held() === null && witness.memory().lease?.uuid === lease?.uuid);
  await untilFenced(trio, 'pg1');
  await until(() => pg2.overrideNow() === null);
  expect(await fileOf('pg2')).toBe(null);
  expect(pg2.held()).toEqual(lease);
  await trio.end(pg1);
  await trio.end(witness);
  await untilFenced(trio, 'pg2');
});

test('it ends when a voter comes back, and the lease goes on', async () => {
  const pg2 = await survivor();
  const lease = await pg2.override(bootMillis() + HOUR_MS, REASON);
  // Installed anew: it remembers nothing.
  await rm(trio.pathsOf('witness').vote);
  const witness = await trio.start('witness');
  await until(() => pg2.overrideNow() === null);
  expect(pg2.held()).toEqual(lease);
  expect(witness.memory().lease).toEqual(lease);
  expect(pg2.statistics().overrideUntil).toBe(null);
  expect(trio.logged.join('\n')).toContain('override ended');
});

test('it ends when it expires: the fences are told, and nothing of it is left', async () => {
  const pg2 = await survivor();
  const untilMs = Math.floor(bootMillis()) + 2_500;
  await pg2.override(untilMs, REASON);
  const file = await readLeaseFile(trio.pathsOf('pg2').leaseFile);
  expect(file).toMatchObject({ kind: 'known' });
  await until(() => (pg2.entitledUntil() ?? 0) > untilMs - 500);
  expect(pg2.entitledUntil()).toBeLessThanOrEqual(untilMs);
  await untilFenced(trio, 'pg2');
  expect(pg2.held()).toBe(null);
  expect(await fileOf('pg2')).toBe(null);
});

test('an agent that is started again goes on with it, and nothing else does', async () => {
  const pg2 = await survivor();
  const lease = await pg2.override(bootMillis() + HOUR_MS, REASON);
  const before = pg2.overrideNow();
  await trio.end(pg2);
  const again = await trio.start('pg2');
  expect(again.held()).toEqual(lease);
  expect(again.overrideNow()).toEqual(before);
  const inherited = again.entitledUntil() ?? 0;
  await until(() => (again.entitledUntil() ?? 0) > inherited + 1_600);
  await trio.end(again);

  const { overrideFile } = trio.pathsOf('pg2');
  const text = await readFile(overrideFile, 'utf8');
  for (const wrong of ['{"epoch":2,', text.replace('"epoch":2', '"epoch":3'), null]) {
    await (wrong === null ? rm(overrideFile, { force: true }) : writeFile(overrideFile, wrong));
    const other = await trio.start('pg2');
    expect(other.overrideNow()).toBe(null);
    expect(await fileOf('pg2')).toBe(null);
    // What the deadline itself still gives is inherited, and not renewed.
    await trio.end(other);
  }
  const last = await trio.start('pg2');
  await until(() => last.held() === null);
});

test('it goes on after a restart with a lease that has run out no more, as after a reboot', async () => {
  const pg2 = await survivor();
  await pg2.override(bootMillis() + HOUR_MS, REASON);
  await trio.end(pg2);
  await rm(trio.pathsOf('pg2').leaseFile);
  const again = await trio.start('pg2');
  expect([again.held(), again.overrideNow(), await fileOf('pg2')]).toEqual([null, null, null]);
});

test('a vote that cannot be written begins none', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
  await until(() => pg2.memory().lease?.epoch === 1);
  for (const it of [pg1, pg2, witness]) await trio.end(it);
  const { memory } = JSON.parse(await readFile(trio.pathsOf('pg2').vote, 'utf8')) as { memory: never };
  const full = await trio.start('pg2', {
    memoryFile: {
      read: () => Promise.resolve({ kind: 'memory', memory }),
      write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
    },
  });
  expect(await full.override(bootMillis() + HOUR_MS, REASON)).toBe(null);
  expect([full.held(), full.overrideNow(), await fileOf('pg2')]).toEqual([null, null, null]);
});

test('it can be given away, and is over then', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  await pg2.override(bootMillis() + HOUR_MS, REASON);
  await until(() => pg1.memory().lease?.epoch === 2);
  expect(await pg2.transfer('pg1' as NodeName, null, 2_000)).toBe(true);
  expect([pg2.overrideNow(), await fileOf('pg2')]).toEqual([null, null]);
});
