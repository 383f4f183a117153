/** A vote memory that was cut off or changed is never taken for none, and never lost. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { VoterMemory } from '../../../../src/core/lease/voter.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import {
  formatVoteMemory,
  parseVoteMemory,
  readVoteMemory,
  writeVoteMemory,
} from '../../../../src/world/files/vote-memory.ts';

const LEASE = { epoch: 7, uuid: 'uuid', holder: 'pg1' as NodeName };
const MEMORY: VoterMemory = {
  lease: LEASE,
  begun: LEASE,
  transferredTo: 'pg2' as NodeName,
  digest: 'digest',
  digestAt: 12_345.5,
  longestWaitMs: 2_700,
  voters: ['pg1', 'pg2', 'witness'] as NodeName[],
  pause: {
    number: 1,
    waitMs: 1_820_700,
    words: { reason: 'kernel update', by: 'root', until: '2026-11-21T22:30:00.000Z' },
  },
};
const UNPAUSED: VoterMemory = { ...MEMORY, pause: null };
const GRANTED: VoterMemory = { ...UNPAUSED, begun: null };
const IN_VAIN: VoterMemory = { ...UNPAUSED, begun: { ...LEASE, epoch: 6, uuid: 'before' } };

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-vote-'));
  path = join(directory, 'vote.json');
});
afterEach(() => rm(directory, { recursive: true }));

test('what was written is read', async () => {
  expect(await readVoteMemory(path)).toEqual({ kind: 'none' });
  await writeVoteMemory(path, MEMORY);
  expect(await readVoteMemory(path)).toEqual({ kind: 'memory', memory: MEMORY });
});

test('one from before there were pauses is read as one without, of a lease that has begun', () => {
  const { pause: _, digestAt: __, begun: ___, ...old } = UNPAUSED;
  const { lease, transferredTo, digest, longestWaitMs, voters } = old;
  const values = [lease?.epoch, lease?.uuid, lease?.holder, transferredTo, digest, longestWaitMs, ...voters];
  const sha256 = createHash('sha256').update(JSON.stringify(values)).digest('hex');
  expect(parseVoteMemory(JSON.stringify({ memory: old, sha256 }))).toEqual({ ...UNPAUSED, digestAt: 0 });
});

test.each([MEMORY, UNPAUSED, GRANTED, IN_VAIN])('cut off at any length it is no memory', (memory) => {
  const text = formatVoteMemory(memory).trimEnd();
  expect(parseVoteMemory(text)).toEqual(memory);
  for (let length = 0; length < text.length; length += 1)
    expect(parsed(text.slice(0, length))).toBe('refused');
});

test.each([MEMORY, UNPAUSED, GRANTED, IN_VAIN])(
  'with any one character changed it is no memory',
  (memory) => {
    const text = formatVoteMemory(memory);
    for (let at = 0; at < text.length; at += 1) {
      const changed = `${text.slice(0, at)}${text[at] === '8' ? '9' : '8'}${text.slice(at + 1)}`;
      expect(parsed(changed)).toBe('refused');
    }
  },
);

test('a broken one is kept aside, and stays broken over restarts until there is a newer one', async () => {
  const broken = formatVoteMemory(MEMORY).slice(0, 40);
  await writeFile(path, broken);
  const first = await readVoteMemory(path);
  expect(first).toMatchObject({ kind: 'broken', reason: expect.stringContaining('kept as') as string });
  const [kept] = await readdir(directory);
  expect(kept).toMatch(/^vote\.json\.broken-/);
  expect(await readFile(join(directory, kept ?? ''), 'utf8')).toBe(broken);
  expect(await readVoteMemory(path)).toMatchObject({ kind: 'broken' });
  await writeVoteMemory(path, MEMORY);
  expect(await readVoteMemory(path)).toEqual({ kind: 'memory', memory: MEMORY });
  expect(await readdir(directory)).toHaveLength(2);
});

test('one that cannot be read is broken, not absent', async () => {
  await mkdir(path);
  expect(await readVoteMemory(path)).toMatchObject({ kind: 'broken' });
});

function parsed(text: string): string {
  try {
    return JSON.stringify(parseVoteMemory(text));
  } catch {
    return 'refused';
  }
}
