/** What the keeper remembers over its restart, and how it takes files that cannot be understood. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { certificateToJson, type DeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import { parseLsn } from '../../../../src/core/model/lsn.ts';
import type { EpochMillis } from '../../../../src/core/model/names.ts';
import { parseTimelineId } from '../../../../src/core/model/timeline.ts';
import { KeeperMemory } from '../../../../src/node/keeper/memory.ts';
import { leaseId, PG1, PG2 } from '../../../support/duty-snapshot.ts';
import { silent } from '../../../support/silent-log.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'primacy-memory-'));
});
afterEach(() => rm(directory, { recursive: true }));

const paths = () => ({
  heldLease: join(directory, 'held-lease.json'),
  failovers: join(directory, 'failovers.json'),
});
const load = (): Promise<KeeperMemory> => KeeperMemory.load(paths(), silent);

const CERTIFICATE = {
  cluster: 'main',
  node: PG1,
  epoch: 3,
  leaseUuid: 'uuid-3',
  systemIdentifier: '7000000000000000001',
  timeline: parseTimelineId(2),
  historyHash: '0123456789abcdef',
  endLsn: parseLsn('0/3000060'),
  walSegmentBytes: 16_777_216,
  synchronous: null,
} as DeathCertificate;

describe('the memory of the keeper', () => {
  test('is empty where nothing was kept', async () => {
    const memory = await load();
    expect([...memory.lineage.uuids]).toEqual([]);
    expect(memory.owed).toEqual({ kind: 'known', value: null });
    expect(memory.failovers()).toEqual({ kind: 'known', value: [] });
  });

  test('keeps the lease that was held and what is owed for it, until it is settled', async () => {
    const memory = await load();
    await memory.owe(certificateToJson(CERTIFICATE));
    memory.hold(leaseId(PG2, 4));
    await memory.written();
    const again = await load();
    expect([...again.lineage.uuids]).toEqual(['uuid-4']);
    expect(again.owed).toEqual({ kind: 'known', value: CERTIFICATE });
    again.settle();
    await again.written();
    expect((await load()).owed).toEqual({ kind: 'known', value: null });
  });

  test('keeps the highest epoch in which the lease was granted, which a claim in vain does not change', async () => {
    const memory = await load();
    expect(memory.lineage.held).toBeNull();
    memory.hold(leaseId(PG2, 4));
    memory.hold({ ...leaseId(PG2, 4), epoch: 6 });
    memory.claimedInVain(leaseId(PG2, 7));
    await memory.written();
    expect((await load()).lineage.held).toEqual({ uuid: 'uuid-4', epoch: 6 });
  });

  test('counts a claim in vain to the lease that it continued, and a new lease forgets both', async () => {
    const memory = await load();
    memory.hold(leaseId(PG2, 4));
    memory.claimedInVain(leaseId(PG2, 5));
    await memory.written();
    expect([...(await load()).lineage.uuids]).toEqual(['uuid-4', 'uuid-5']);
    memory.hold(leaseId(PG2, 6));
    expect([...memory.lineage.uuids]).toEqual(['uuid-6']);
  });

  test('takes a file that cannot be understood for nothing held, and for a reason against a failover', async () => {
    await writeFile(paths().heldLease, '{"uuids":["uuid-4"');
    await writeFile(paths().failovers, '[{"at":"yesterday"}]');
    const memory = await load();
    expect([...memory.lineage.uuids]).toEqual([]);
    expect(memory.failovers().kind).toBe('unknown');
  });

  test('takes a certificate that cannot be understood for unknown: nothing may be promoted on it', async () => {
    await writeFile(paths().heldLease, '{"uuids":["uuid-4"],"epoch":4,"owed":{"node":"pg1"}}');
    expect((await load()).owed.kind).toBe('unknown');
  });

  test('remembers failovers until a rejoin made them good', async () => {
    const memory = await load();
    memory.recordFailover(1_000 as EpochMillis, 4, 'silence');
    await memory.written();
    const failover = { at: 1_000, epoch: 4, way: 'silence' };
    expect((await load()).failovers()).toEqual({ kind: 'known', value: [{ ...failover, rejoined: false }] });
    memory.markRejoined();
    await memory.written();
    expect((await load()).failovers()).toEqual({ kind: 'known', value: [{ ...failover, rejoined: true }] });
  });
});
