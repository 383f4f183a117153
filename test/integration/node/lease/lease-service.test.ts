/** The lease between three agents, with real datagrams on loopback and real files. */
import { afterEach, expect, test } from 'vitest';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { bootMillis, pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { readLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { createLeaseTrio, type LeaseTrio, type TrioName } from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const LIMIT_MS = 5_000;

afterEach(() => trio.remove());

async function until(look: () => boolean): Promise<void> {
  const seen = await pollUntil(systemClock, LIMIT_MS, 5, async () => look() || undefined);
  if (seen === undefined) throw new Error(`not within ${LIMIT_MS} ms: ${look.toString()}`);
}

/** Waits until the fences of a node read that its lease has ended. */
async function untilFenced(name: TrioName): Promise<void> {
  const fenced = await pollUntil(systemClock, LIMIT_MS, 5, async () => {
    const file = await readLeaseFile(trio.pathsOf(name).leaseFile);
    return (file.kind === 'known' && file.value?.deadlineCs === 0) || undefined;
  });
  if (fenced === undefined) throw new Error(`${name} still has a deadline`);
}

/** A trio whose first node holds the lease. */
async function withHolder(): Promise<Record<TrioName, RunningLeaseService>> {
  trio = await createLeaseTrio(18_701);
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2');
  const witness = await trio.start('witness');
  // Voters that never heard of a lease wait as long as one could be there.
  expect(await claimPatiently(pg1, true)).toMatchObject({ epoch: 1, holder: 'pg1' });
  return { pg1, pg2, witness };
}

async function claimPatiently(service: RunningLeaseService, adoption: boolean) {
  return pollUntil(systemClock, LIMIT_MS, 50, async () => (await service.claim(500, adoption)) ?? undefined);
}

test('an adoption gets the first epoch, it is renewed, and the deadline lies where the fences read it', async () => {
  const { pg1, pg2, witness } = await withHolder();
  const first = pg1.entitledUntil() ?? 0;
  expect(first - bootMillis()).toBeGreaterThan(0);
  await until(() => (pg1.entitledUntil() ?? 0) > first + 500);
  const until1 = pg1.entitledUntil() ?? 0;
  expect(until1 - bootMillis()).toBeLessThanOrEqual(1_600);
  const file = await readLeaseFile(trio.pathsOf('pg1').leaseFile);
  expect(file).toMatchObject({ value: { epoch: 1, node: 'pg1' } });
  expect(file.kind === 'known' && file.value!.deadlineCs * 10).toBeGreaterThanOrEqual(until1 - 10);
  for (const other of [pg2, witness]) {
    expect(other.held()).toBe(null);
    expect(other.memory().lease).toEqual(pg1.held());
    expect(await other.claim(200)).toBe(null);
  }
  expect(pg1.statistics()).toMatchObject({
    epoch: 1,
    contacts: [
      { peer: 'pg2', contact: true },
      { peer: 'witness', contact: true },
    ],
  });
});

test('a holder that hears nobody is not entitled after a lease, and its fences are told', async () => {
  const { pg1, pg2, witness } = await withHolder();
  await trio.end(pg2);
  await trio.end(witness);
  await untilFenced('pg1');
  expect(pg1.held()).toBe(null);
});

test('a transfer is granted to the successor at once, with the proof, and the old holder is not entitled from the call on', async () => {
  const { pg1, pg2 } = await withHolder();
  const begun = bootMillis();
  const given = pg1.transfer('pg2' as NodeName, { lsn: '0/3000060' }, 2_000);
  expect(pg1.entitledUntil()).toBe(null);
  expect(await readLeaseFile(trio.pathsOf('pg1').leaseFile)).toMatchObject({ value: { deadlineCs: 0 } });
  expect(await given).toBe(true);
  await until(() => pg2.bequest() !== null);
  expect(pg2.bequest()).toMatchObject({ lease: { epoch: 1 }, proof: { lsn: '0/3000060' } });
  expect(await pg2.claim(2_000)).toMatchObject({ epoch: 2, holder: 'pg2' });
  // Nobody waited for the promotion wait.
  expect(bootMillis() - begun).toBeLessThan(trio.cluster.timings.promotionWaitSeconds * 1_000);
  expect(await pg1.claim(300)).toBe(null);
});
