/** A paused lease between three agents, with real datagrams on loopback and real files: held without voters, gone on with, ended, outlived. */
import { readFile, rm } from 'node:fs/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { PauseWords } from '../../../../src/core/lease/pause.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { bootMillis, pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { readLeaseFile } from '../../../../src/world/files/lease-file.ts';
import {
  claimPatiently,
  createLeaseTrio,
  until,
  untilFenced,
  withHolder,
  type LeaseTrio,
  type TrioName,
} from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const MINUTES_MS = 600_000;
const LIMIT_MS = 4_000;
const WORDS: PauseWords = { reason: 'kernel update', by: 'mira', until: '2026-11-21T22:30:00.000Z' };

beforeEach(async () => {
  trio = await createLeaseTrio(18_713);
});
afterEach(() => trio.remove());

/** What the fences of a node read, boot-time milliseconds; null = no lease. */
async function deadlineOf(name: TrioName): Promise<number | null> {
  const file = await readLeaseFile(trio.pathsOf(name).leaseFile);
  return file.kind === 'known' && file.value !== null ? file.value.deadlineCs * 10 : null;
}

async function written(name: TrioName): Promise<{ readonly waitMs: number; readonly number: number } | null> {
  const text = await readFile(trio.pathsOf(name).vote, 'utf8');
  return (
    (JSON.parse(text) as { memory: { pause?: { waitMs: number; number: number } } }).memory.pause ?? null
  );
}

/** pg1 holds the lease, and everybody has its pause in writing. */
async function paused(forMs: number): Promise<Record<TrioName, RunningLeaseService> & { untilMs: number }> {
  const all = await withHolder(trio);
  const untilMs = Math.floor(bootMillis()) + forMs;
  const held = await all.pg1.pause(untilMs, WORDS, LIMIT_MS);
  if (held?.counts !== true) throw new Error(`not paused: ${JSON.stringify(held)}`);
  await until(() => [all.pg2, all.witness].every((it) => it.memory().pause !== null));
  return { ...all, untilMs };
}

const told = (): Promise<void> => Promise.resolve();

test('the holder keeps the lease with all voters gone, and its fences read the end of the pause', async () => {
  const { pg1, pg2, witness, untilMs } = await paused(MINUTES_MS);
  await trio.end(pg2);
  await trio.end(witness);
  const gone = bootMillis();
  await until(() => bootMillis() - gone > 2_000);
  expect(pg1.held()?.epoch).toBe(1);
  expect(pg1.entitledUntil()).toBe(Math.floor(untilMs / 10) * 10);
  expect(await deadlineOf('pg1')).toBe(Math.floor(untilMs / 10) * 10);
  expect(pg1.pauseNow()).toEqual({ untilMs, words: WORDS, counts: true });
});

test('each voter wrote it down before the holder counted it, and nobody else gets an epoch, also after a restart', async () => {
  const { pg1, pg2, witness } = await paused(MINUTES_MS);
  for (const name of ['pg1', 'pg2', 'witness'] as const)
    expect((await written(name))?.waitMs).toBeGreaterThan(MINUTES_MS);
  for (const it of [pg1, pg2, witness]) await trio.end(it);
  await trio.start('witness');
  const again = await trio.start('pg2');
  const began = bootMillis();
  await until(() => bootMillis() - began > 3_000);
  expect(again.mayClaim()).toBe(false);
  expect(await again.claim(500)).toBe(null);
});

test('an agent of the holder that was away for longer than a lease goes on with it and can end it', async () => {
  const { pg1, pg2, witness, untilMs } = await paused(MINUTES_MS);
  await trio.end(pg1);
  const gone = bootMillis();
  await until(() => bootMillis() - gone > 2_000);
  expect(await deadlineOf('pg1')).toBe(Math.floor(untilMs / 10) * 10);
  const again = await trio.start('pg1');
  expect(again.held()?.epoch).toBe(1);
  expect(again.pauseNow()?.words).toEqual(WORDS);
  let seen: number | null = null;
  const ended = await pollUntil(systemClock, LIMIT_MS, 50, async () => {
    const done = await again.endPause(async () => {
      seen = await deadlineOf('pg1');
    });
    return done || undefined;
  });
  expect(ended).toBe(true);
  // The fences read the short deadline before a voter was told.
  expect(seen).toBeLessThan(bootMillis() + 1_600);
  await until(() => [pg2, witness].every((it) => it.memory().pause?.waitMs === 0));
  expect(again.held()?.epoch).toBe(1);
  await trio.end(again);
  // Each claim that a busy machine answers too late takes a number.
  expect(await claimPatiently(pg2, false)).toMatchObject({ holder: 'pg2' });
});

test('it is not ended where nobody renews: the primary would end with it', async () => {
  const { pg1, pg2, witness, untilMs } = await paused(MINUTES_MS);
  await trio.end(pg2);
  await trio.end(witness);
  const gone = bootMillis();
  await until(() => bootMillis() - gone > 2_000);
  expect(await pg1.endPause(told)).toBe(false);
  expect(pg1.entitledUntil()).toBe(Math.floor(untilMs / 10) * 10);
});

test('it ends by its time: the lease goes on, and all voters know', async () => {
  const { pg1, pg2, witness } = await paused(1_500);
  await until(() => [pg2, witness].every((it) => it.memory().pause?.waitMs === 0));
  expect(pg1.held()?.epoch).toBe(1);
  expect(pg1.pauseNow()).toBe(null);
  await trio.end(pg2);
  await trio.end(witness);
  await untilFenced(trio, 'pg1');
});

test('without a majority it does not count, and binds whoever heard of it', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
  await until(() => pg2.memory().lease?.epoch === 1);
  await trio.end(witness);
  await trio.end(pg2);
  const held = await pg1.pause(bootMillis() + MINUTES_MS, WORDS, 300);
  expect(held?.counts).toBe(false);
  await untilFenced(trio, 'pg1');
});

test('a boot of the holder ends it: its next lease is an ordinary one', async () => {
  const { pg1, pg2, witness } = await paused(MINUTES_MS);
  await trio.end(pg1);
  await rm(trio.pathsOf('pg1').leaseFile);
  const again = await trio.start('pg1');
  expect(again.held()).toBe(null);
  const next = await claimPatiently(again, false);
  await until(() => [pg2, witness].every((it) => it.memory().lease?.uuid === next?.uuid));
  expect([pg2.memory().pause, witness.memory().pause]).toEqual([null, null]);
});
