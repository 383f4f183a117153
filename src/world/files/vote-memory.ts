/** The voter's memory on disk: what it granted, written before it answers. A memory that cannot be trusted is kept, and never taken for none. */
import { createHash } from 'node:crypto';
import { readdir, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { sameLease } from '../../core/lease/lease.ts';
import type { VoterMemory } from '../../core/lease/voter.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { FieldError, listOf, millisOf, nullOr, objectOf, textOf } from '../json-fields.ts';
import { nodeName, parseLeaseId, parsePause } from '../lease-fields.ts';
import { syncDirectory, writeAtomically } from './atomic-write.ts';
import { readOptional } from './read-optional.ts';

export type StoredMemory =
  | { readonly kind: 'memory'; readonly memory: VoterMemory }
  /** This voter never had any. */
  | { readonly kind: 'none' }
  /** It had one that cannot be used: it may have granted anything. */
  | { readonly kind: 'broken'; readonly reason: string };

const ASIDE = '.broken-';

/**
 * Reads the memory. A file that is truncated, changed or unreadable is moved aside as `vote.json.broken-MOMENT`, so that nothing
 * overwrites it; while such a file is there and no newer memory, the answer stays `broken`, over restarts too. Rejects with the
 * system's error where it cannot be moved.
 */
export async function readVoteMemory(path: string): Promise<StoredMemory> {
  try {
    const text = await readOptional(path);
    if (text !== null) return { kind: 'memory', memory: parseVoteMemory(text) };
  } catch (error) {
    const aside = `${path}${ASIDE}${new Date().toISOString()}`;
    await rename(path, aside);
    await syncDirectory(dirname(path));
    return { kind: 'broken', reason: `cannot use the vote memory, kept as ${aside}: ${errorText(error)}` };
  }
  const kept = await keptAside(path);
  if (kept === undefined) return { kind: 'none' };
  return { kind: 'broken', reason: `cannot use the vote memory, kept as ${kept}` };
}

/** Replaces the memory. When it returns, the memory survives a loss of power. */
export async function writeVoteMemory(path: string, memory: VoterMemory): Promise<void> {
  await writeAtomically(path, formatVoteMemory(memory));
}

/**
 * One JSON object with its own checksum, because a digit that changed on the disk would still be a digit. Of a lease that has begun and is not
 * paused it is as it was before either was told.
 */
export function formatVoteMemory(memory: VoterMemory): string {
  const { begun, pause, ...rest } = memory;
  const told = { ...rest, ...(hasBegun(memory) ? {} : { begun }), ...(pause === null ? {} : { pause }) };
  return `${JSON.stringify({ memory: told, sha256: digestOf(memory) })}\n`;
}

/** Throws where anything is missing or changed. */
export function parseVoteMemory(text: string): VoterMemory {
  const it = objectOf(JSON.parse(text), 'vote memory');
  const memory = memoryOf(it['memory']);
  if (textOf(it['sha256'], 'sha256') !== digestOf(memory)) throw new FieldError('sha256', digestOf(memory));
  return memory;
}

function memoryOf(value: unknown): VoterMemory {
  const it = objectOf(value, 'memory');
  const lease = nullOr(it['lease'], 'lease', parseLeaseId);
  return {
    lease,
    begun: it['begun'] === undefined ? lease : nullOr(it['begun'], 'begun', parseLeaseId),
    transferredTo: nullOr(it['transferredTo'], 'transferredTo', nodeName),
    digest: nullOr(it['digest'], 'digest', textOf),
    digestAt: millisOf(it['digestAt'] ?? 0, 'digestAt'),
    longestWaitMs: millisOf(it['longestWaitMs'], 'longestWaitMs'),
    voters: listOf(it['voters'], 'voters', nodeName),
    pause: parsePause(it['pause'], 'pause'),
  };
}

function hasBegun({ lease, begun }: VoterMemory): boolean {
  return lease === null ? begun === null : sameLease(lease, begun);
}

function digestOf(memory: VoterMemory): string {
  const { lease, begun, transferredTo, digest, digestAt, longestWaitMs, voters, pause } = memory;
  const values = [lease?.epoch, lease?.uuid, lease?.holder, transferredTo, digest, longestWaitMs, ...voters];
  if (digestAt !== 0) values.push(digestAt);
  if (!hasBegun(memory)) values.push('begun', begun?.epoch, begun?.uuid, begun?.holder);
  if (pause !== null) {
    const { reason, by, until } = pause.words;
    values.push(pause.number, pause.waitMs, reason, by, until);
  }
  return createHash('sha256').update(JSON.stringify(values)).digest('hex');
}

async function keptAside(path: string): Promise<string | undefined> {
  const names = await readdir(dirname(path));
  const kept = names.filter((name) => name.startsWith(`${basename(path)}${ASIDE}`)).toSorted();
  return kept.map((name) => join(dirname(path), name)).at(-1);
}
