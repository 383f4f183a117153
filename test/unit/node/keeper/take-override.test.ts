/** How the agent takes a person's override: what it reads, what it refuses by itself, and what it writes down of it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { known, unknown, type Known } from '../../../../src/core/model/known.ts';
import type { EpochMillis, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import { KeeperMemory } from '../../../../src/node/keeper/memory.ts';
import {
  parseOverrideRequest,
  takeOverride,
  type OverrideAnswer,
  type OverrideParts,
  type OverrideRequest,
} from '../../../../src/node/keeper/take-override.ts';
import type { Adoption } from '../../../../src/world/files/adoption.ts';
import type { JournalEntry } from '../../../../src/world/files/node-journal.ts';
import { decision, leaseId, PG2, standbySnapshot, type Changes } from '../../../support/duty-snapshot.ts';
import { silent } from '../../../support/silent-log.ts';

const IDENTIFIER = '7000000000000000001';
const REQUEST: OverrideRequest = { reason: 'pg1 burnt down', seconds: 600, confirm: IDENTIFIER, by: 'mira' };

let directory: string;
let memory: KeeperMemory;
let entries: JournalEntry[];
let asked: string[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-override-'));
  const paths = { heldLease: join(directory, 'held.json'), failovers: join(directory, 'failovers.json') };
  memory = await KeeperMemory.load(paths, silent);
  entries = [];
  asked = [];
});
afterEach(async () => {
  await memory.written();
  await rm(directory, { recursive: true });
});

interface World {
  readonly snapshot?: Changes;
  readonly configured?: string | null;
  readonly adoption?: Known<Adoption | null>;
  readonly granted?: boolean;
  readonly journal?: () => Promise<void>;
}

const ADOPTION: Adoption = {
  at: 0 as EpochMillis,
  node: PG2,
  systemIdentifier: IDENTIFIER as SystemIdentifier,
};

function take(world: World, request: OverrideRequest = REQUEST): Promise<OverrideAnswer> {
  const { configured = IDENTIFIER, adoption = known(ADOPTION), granted = true } = world;
  const { server = {}, lease = {}, rest = {} } = world.snapshot ?? {};
  const lost = { holderHeardAt: null, ...lease };
  const quiet = { others: [], failover: { silence: decision('silence', false) }, ...rest };
  const append = async (entry: JournalEntry): Promise<void> => {
    await world.journal?.();
    entries.push(entry);
  };
  const parts = {
    context: {
      cluster: { systemIdentifier: configured },
      clock: { wallMillis: () => 1_000_000 as EpochMillis },
      journal: { append },
      log: silent,
      memory,
      lease: {
        override: (untilMs: number, reason: string) => {
          asked.push(`${reason} ${typeof untilMs}`);
          return Promise.resolve(granted ? leaseId(PG2, 6) : null);
        },
      },
    },
    files: { step: () => Promise.resolve(), last: () => ({ adoption }) },
    keeper: { look: () => ({ snapshot: standbySnapshot({ server, lease: lost, rest: quiet }) }) },
  };
  return takeOverride(parts as unknown as OverrideParts, request);
}

describe('an override', () => {
  test('is written down before and after it is asked of the lease, with who and why, and nothing is owed for it', async () => {
    await memory.owe({ owed: 'something' });
    memory.hold(leaseId('pg1' as NodeName, 4));
    expect(await take({})).toEqual({
      accepted: true,
      reason: 'pg1 burnt down (by mira, for 600 s)',
      epoch: 6,
      until: '1970-01-01T00:26:40.000Z',
    });
    expect(asked).toEqual(['pg1 burnt down number']);
    expect(entries.map(({ procedure, step, event, detail }) => [procedure, step, event, detail])).toEqual([
      ['override', 'force-primary', 'intent', 'pg1 burnt down (by mira, for 600 s)'],
      ['override', 'force-primary', 'done', 'epoch 6, until 1970-01-01T00:26:40.000Z at the latest'],
    ]);
    expect(memory.owed).toEqual(known(null));
    expect(memory.lineage.uuids).toEqual(new Set(['uuid-6']));
  });

  test('goes by the identifier of the adoption where the configuration names none', async () => {
    expect(await take({ configured: null })).toMatchObject({ accepted: true });
    expect(await take({ configured: null }, { ...REQUEST, confirm: '7' })).toMatchObject({ accepted: false });
  });

  test('is refused with another identifier than the cluster has', async () => {
    const { accepted, reason } = await take({}, { ...REQUEST, confirm: '7' });
    expect([accepted, reason]).toEqual([false, `the cluster's system identifier is ${IDENTIFIER}, not 7`]);
  });

  const refused: readonly (readonly [words: string, world: World])[] = [
    [`the cluster's system identifier is 7, not ${IDENTIFIER}`, { configured: '7' }],
    ['not written down', { configured: null, adoption: known(null) }],
    ['cannot tell whether adopted: cut off', { adoption: unknown('cut off') }],
    ['it holds the lease already', { snapshot: { lease: { entitledUntil: 10 ** 9 } } }],
    ['its own vote could not be written', { granted: false }],
  ];
  test.each(refused)('is refused: %s', async (words, world) => {
    const answer = await take(world);
    expect(answer).toMatchObject({ accepted: false, epoch: null, until: null });
    expect(answer.reason).toContain(words);
    expect(entries.map((it) => it.event)).toEqual(['intent', 'failed']);
    expect(memory.lineage.uuids.size).toBe(0);
  });

  test('is not asked of the lease where it cannot be written down', async () => {
    await expect(take({ journal: () => Promise.reject(new Error('ENOSPC')) })).rejects.toThrow('ENOSPC');
    expect(asked).toEqual([]);
  });
});

describe('the request', () => {
  test('is read as it was sent', () => {
    expect(parseOverrideRequest({ ...REQUEST, reason: ' why ', more: 1 })).toEqual({
      ...REQUEST,
      reason: 'why',
    });
  });

  test.each([
    ['no object', null],
    ['without a reason', { ...REQUEST, reason: undefined }],
    ['with blanks for a reason', { ...REQUEST, reason: '  ' }],
    ['with a novel for a reason', { ...REQUEST, reason: 'x'.repeat(257) }],
    ['for too short', { ...REQUEST, seconds: 59 }],
    ['for too long', { ...REQUEST, seconds: 86_401 }],
    ['for no number', { ...REQUEST, seconds: '600' }],
    ['unconfirmed', { ...REQUEST, confirm: '' }],
    ['by nobody', { ...REQUEST, by: null }],
  ])('is refused %s', (_what, document) => {
    expect(() => parseOverrideRequest(document)).toThrow(/^cannot read the override: /);
  });
});
