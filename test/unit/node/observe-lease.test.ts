/** Goal: a node tells its own part of the lease, and nothing that its files do not prove. Method: real files in a folder of their own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LeaseId } from '../../../src/core/lease/lease.ts';
import { NO_MEMORY } from '../../../src/core/lease/voter.ts';
import type { NodeName } from '../../../src/core/model/names.ts';
import { observeLease } from '../../../src/node/observe-lease.ts';
import { bootMillis } from '../../../src/world/clock.ts';
import { writeLeaseFile } from '../../../src/world/files/lease-file.ts';
import { writeOverrideFile } from '../../../src/world/files/override-file.ts';
import { formatVoteMemory } from '../../../src/world/files/vote-memory.ts';

let folder: string;
const paths = () => ({
  vote: join(folder, 'vote.json'),
  leaseFile: join(folder, 'lease'),
  overrideFile: join(folder, 'override'),
});
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'primacy-lease-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const pg1 = 'pg1' as NodeName;
const LEASE: LeaseId = { epoch: 7, uuid: 'c0ffee00-0000-4000-8000-000000000007', holder: pg1 };

function remember(lease: LeaseId | null, transferredTo: NodeName | null = null): void {
  const memory = { ...NO_MEMORY, lease, transferredTo, longestWaitMs: 2700, voters: [pg1] };
  writeFileSync(paths().vote, formatVoteMemory(memory));
}
/** Leaves a deadline so many seconds from now. */
function hold(seconds: number, epoch = 7, node = pg1): void {
  writeLeaseFile(paths().leaseFile, {
    deadlineCs: Math.floor(bootMillis() / 10 + seconds * 100),
    epoch,
    node,
  });
}
const look = (node = 'pg1') => observeLease(node, paths());
const entitled = async (): Promise<unknown> => {
  const seen = await look();
  return seen.kind === 'known' ? seen.value?.entitled : seen.kind;
};

describe('what a node knows of the lease', () => {
  it('is nothing before the first lease', async () => {
    expect(await look()).toEqual({ kind: 'known', value: null });
    remember(null);
    expect(await look()).toEqual({ kind: 'known', value: null });
  });

  it('is the newest lease of its vote, and its own right while the deadline has not passed', async () => {
    remember(LEASE);
    hold(60);
    expect(await look()).toEqual({
      kind: 'known',
      value: { ...LEASE, transferredTo: null, entitled: true, pause: null, override: null },
    });
  });

  it('stays its right while it raises its epoch, which its vote knows first', async () => {
    remember(LEASE);
    hold(60, 6);
    expect(await entitled()).toBe(true);
  });

  it.each([
    ['the deadline has passed', () => hold(-1)],
    ['there is no deadline', () => undefined],
    ['the deadline is of another node', () => hold(60, 7, 'pg2' as NodeName)],
    ['the deadline is of a newer epoch than its own vote', () => hold(60, 8)],
    [
      'it gave the lease away',
      () => {
        remember(LEASE, 'pg2' as NodeName);
        hold(60);
      },
    ],
    [
      'its own vote went to another node',
      () => {
        remember({ ...LEASE, holder: 'pg2' as NodeName });
        hold(60);
      },
    ],
  ])('is no right of its own where %s', async (_why, arrange) => {
    remember(LEASE);
    arrange();
    expect(await entitled()).toBe(false);
  });

  it.each([
    ['a deadline that is cut off', 'lease', '123'],
    ['a vote memory that is cut off', 'vote.json', '{"memory":{"lease":null'],
    ['a vote memory of which one digit was changed', 'vote.json', null],
  ])('is unknown with %s, and the file stays where it is', async (_what, file, text) => {
    remember(LEASE);
    hold(60);
    const memory = { ...NO_MEMORY, lease: LEASE, longestWaitMs: 2700, voters: [pg1] };
    const changed = formatVoteMemory(memory).replace('"epoch":7', '"epoch":8');
    writeFileSync(join(folder, file), text ?? changed);
    expect((await look()).kind).toBe('unknown');
    expect((await look()).kind).toBe('unknown');
  });
});

describe('what people decided about it', () => {
  const words = { reason: 'kernel update', by: 'mira', until: '2026-11-21T22:30:00.000Z' };

  it.each([
    [1_000, false],
    [0, true],
  ])('a pause is told as the vote has it, with %d ms of its wait in writing', async (waitMs, ended) => {
    const memory = { ...NO_MEMORY, lease: LEASE, pause: { number: 4, waitMs, words } };
    writeFileSync(paths().vote, formatVoteMemory(memory));
    expect(await look()).toMatchObject({ value: { pause: { number: 4, ended, ...words } } });
  });

  it('an override of this very lease is told while it entitles', async () => {
    remember(LEASE);
    hold(60);
    const untilMs = bootMillis() + 600_000;
    const record = { epoch: 7, uuid: LEASE.uuid, untilMs, reason: 'total loss', at: 'now' };
    writeOverrideFile(paths().overrideFile, record);
    expect(await look()).toMatchObject({ value: { override: { reason: 'total loss' } } });
    writeOverrideFile(paths().overrideFile, { ...record, uuid: 'another' });
    expect(await look()).toMatchObject({ value: { override: null } });
    writeOverrideFile(paths().overrideFile, record);
    hold(-1);
    expect(await look()).toMatchObject({ value: { override: null } });
  });
});
