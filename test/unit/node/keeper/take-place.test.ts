/** What a lease obliges to is on disk before the lease is asked for: it may be granted to a claimant that never learns it. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LeaseId } from '../../../../src/core/lease/lease.ts';
import type { KeeperContext } from '../../../../src/node/keeper/context.ts';
import { KeeperMemory } from '../../../../src/node/keeper/memory.ts';
import { reclaim, succeed, takeOver } from '../../../../src/node/keeper/take-place.ts';
import { readHeldLease } from '../../../../src/world/files/held-lease.ts';
import { leaseId, PG1, PG2 } from '../../../support/duty-snapshot.ts';
import { silent } from '../../../support/silent-log.ts';

const PROOF = { node: 'pg1', endLsn: '0/3000060' };
let directory: string;
let memory: KeeperMemory;
/** What was on disk at the moment of each claim. */
let owedAtClaim: unknown[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-take-place-'));
  memory = await KeeperMemory.load(paths(), silent);
  owedAtClaim = [];
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const paths = () => ({
  heldLease: join(directory, 'held-lease.json'),
  failovers: join(directory, 'failovers.json'),
});

/** The voters grant this, or nothing. */
function context(granted: LeaseId | null): KeeperContext {
  const parts = {
    node: { name: PG2 },
    memory,
    lease: {
      bequest: () => ({ lease: leaseId(PG1, 3), proof: PROOF }),
      memory: () => ({ lease: null }),
      claim: async () => {
        owedAtClaim.push((await readHeldLease(paths().heldLease)).owed);
        return granted;
      },
    },
  };
  return parts as unknown as KeeperContext;
}

test('a successor owes the end of the WAL before it asks, and still where nobody granted in time', async () => {
  await expect(succeed(context(null))).rejects.toThrow('no majority granted');
  expect(owedAtClaim).toEqual([PROOF]);
  expect((await readHeldLease(paths().heldLease)).owed).toEqual(PROOF);
});

test('the lease again does not forget what was owed for it', async () => {
  await memory.owe(PROOF);
  await reclaim(context(leaseId(PG2, 5)));
  await memory.written();
  expect(await readHeldLease(paths().heldLease)).toEqual({ uuids: ['uuid-5'], epoch: 5, owed: PROOF });
});

test('after a silence nothing is owed: the criteria have judged what is missing', async () => {
  await memory.owe(PROOF);
  await expect(takeOver(context(null))).rejects.toThrow('no majority granted');
  expect(owedAtClaim).toEqual([null]);
});

test('nothing is asked for where what is owed cannot be written', async () => {
  await rm(directory, { recursive: true });
  await expect(succeed(context(leaseId(PG2, 4)))).rejects.toThrow('held-lease.json cannot be written');
  expect(owedAtClaim).toEqual([]);
});
