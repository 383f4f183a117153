/** An agent that ends in order, and the one that comes next, with real datagrams and files: no gap for the primary, and a bound. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ClusterConfig } from '../../../../src/config/schema.ts';
import type { Duty } from '../../../../src/core/guard/duty.ts';
import { createTakeUp, leaveLease, type LeaveParts } from '../../../../src/node/keeper/leave-lease.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { bootMillis, pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { readLeaseFile } from '../../../../src/world/files/lease-file.ts';
import type { JournalEntry } from '../../../../src/world/files/node-journal.ts';
import { holderSnapshot } from '../../../support/duty-snapshot.ts';
import { createLeaseTrio, until, withHolder, type LeaseTrio } from '../../../support/lease-trio.ts';

const HOLD: Duty = { kind: 'hold', reason: 'entitled and writable' };
const LIMIT_MS = 8_000;

let trio: LeaseTrio;
let journaled: string[];

beforeEach(async () => {
  trio = await createLeaseTrio(18_733);
  journaled = [];
});
afterEach(() => trio.remove());

/** What the agent of pg1 is made of around its lease, as far as leaving goes: its server serves. */
function partsOf(
  lease: RunningLeaseService,
  cluster: ClusterConfig = trio.cluster,
  system = 'running',
): LeaveParts {
  const append = async ({ procedure, event }: JournalEntry): Promise<void> => {
    journaled.push(`${procedure} ${event}`);
  };
  const log = { info: () => undefined, warn: () => undefined, error: () => undefined };
  return {
    context: {
      clock: systemClock,
      cluster,
      journal: { append },
      lease,
      log,
      kernelLease: { endsBy: () => true },
    },
    runner: { run: () => Promise.resolve({ kind: 'done', stdout: `${system}\n`, stderr: '' }) },
    keeper: {
      settled: () => Promise.resolve(),
      tick: () => undefined,
      look: () => ({
        snapshot: holderSnapshot({ lease: { entitledUntil: lease.entitledUntil() } }),
        duty: HOLD,
      }),
    },
  };
}

async function deadline(): Promise<number> {
  const file = await readLeaseFile(trio.pathsOf('pg1').leaseFile);
  return file.kind === 'known' && file.value !== null ? file.value.deadlineCs * 10 : 0;
}

async function pass(milliseconds: number): Promise<void> {
  const began = bootMillis();
  await until(() => bootMillis() - began > milliseconds);
}

test('a holder whose agent is away for longer than a lease and a promotion wait goes on, and nobody else may claim', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  await leaveLease(partsOf(pg1));
  await trio.end(pg1);
  await pass(3_500);
  expect(pg2.mayClaim()).toBe(false);
  expect(await deadline()).toBeGreaterThan(bootMillis());
  const again = await trio.start('pg1');
  expect(again.held()?.epoch).toBe(1);
  const takeUp = createTakeUp(partsOf(again));
  const short = await pollUntil(systemClock, LIMIT_MS, 50, async () => {
    await takeUp();
    return again.memory().pause?.waitMs === 0 || undefined;
  });
  expect(short).toBe(true);
  expect(again.held()?.epoch).toBe(1);
  expect(await deadline()).toBeLessThan(bootMillis() + 1_610);
  await until(() => pg2.memory().pause?.waitMs === 0);
  expect(journaled).toEqual(['leave intent', 'leave done', 'take-up intent', 'take-up done']);
});

test('an agent that does not come back costs its term and a promotion wait: the fences read the end of it first', async () => {
  const { timings } = trio.cluster;
  const cluster = trio.clusterWith({ timings: { ...timings, agentRestartSeconds: 3 } });
  const { pg1, pg2 } = await withHolder(trio);
  await leaveLease(partsOf(pg1, cluster));
  const ends = await deadline();
  expect(ends).toBeLessThan(bootMillis() + 3_010);
  await trio.end(pg1);
  const claim = async () => (pg2.mayClaim() ? ((await pg2.claim(500)) ?? undefined) : undefined);
  const lease = await pollUntil(systemClock, LIMIT_MS, 20, claim);
  expect(lease?.epoch).toBeGreaterThan(1);
  expect(bootMillis()).toBeGreaterThan(ends + 2_700);
});

test('without a majority nothing is left: the lease runs out as if the agent had been killed', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
  await trio.end(pg2);
  await trio.end(witness);
  await leaveLease(partsOf(pg1));
  expect(journaled).toEqual(['leave intent', 'leave failed']);
  expect(await deadline()).toBeLessThan(bootMillis() + 1_610);
});

test('a host that is being stopped leaves nothing: its place is free as soon as its primary has ended', async () => {
  const { pg1 } = await withHolder(trio);
  await leaveLease(partsOf(pg1, trio.cluster, 'stopping'));
  expect(journaled).toEqual([]);
  expect(await deadline()).toBeLessThan(bootMillis() + 1_610);
});

test('it is one of agents: no metric calls it a pause of people', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  await leaveLease(partsOf(pg1));
  await until(() => (pg2.ownView().pause?.waitMs ?? 0) > 0);
  expect([pg1, pg2].map((it) => it.statistics().pauseUntil)).toEqual([null, null]);
});

test('a holder that comes back under other voters has none of the old ones wait any longer', async () => {
  const { pg1, pg2 } = await withHolder(trio);
  await leaveLease(partsOf(pg1));
  await trio.end(pg1);
  await trio.end(pg2);
  const nodes = trio.cluster.nodes.filter((it) => it.name !== 'pg2');
  const cluster = trio.clusterWith({ nodes });
  const again = await trio.start('pg1', { cluster });
  const takeUp = createTakeUp(partsOf(again, cluster));
  const short = await pollUntil(systemClock, LIMIT_MS, 50, async () => {
    await takeUp();
    return again.memory().pause?.waitMs === 0 || undefined;
  });
  expect(short).toBe(true);
  expect(again.held()?.epoch).toBe(1);
});
