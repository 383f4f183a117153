/** The lease between three agents, with real datagrams on loopback and real files. */
import { rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { LeaseMessage, Renew } from '../../../../src/core/lease/message.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { NodeReport } from '../../../../src/core/model/node-report.ts';
import type { RunningLeaseService } from '../../../../src/node/lease/lease-service.ts';
import { memoryFileAt, type MemoryFile } from '../../../../src/node/lease/vote-store.ts';
import { bootMillis, pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { readLeaseFile, writeLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { openDatagramChannel } from '../../../../src/world/network/datagram-channel.ts';
import { messageOf, reportOf } from '../../../support/lease-messages.ts';
import { createLeaseTrio, type LeaseTrio, type TrioName } from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const LIMIT_MS = 5_000;
const PORT = 18_701;
const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;

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
  trio = await createLeaseTrio(PORT);
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
  const given = pg1.transfer(PG2, { lsn: '0/3000060' }, 2_000);
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

test('an agent that is started again goes on with its lease, and one whose deadline has passed does not', async () => {
  const { pg1 } = await withHolder();
  const lease = pg1.held();
  await trio.end(pg1);
  const again = await trio.start('pg1');
  // Before any answer came: from the deadline on tmpfs alone.
  expect(again.held()).toEqual(lease);
  const inherited = again.entitledUntil() ?? 0;
  await until(() => (again.entitledUntil() ?? 0) > inherited);
  expect(again.held()).toEqual(lease);

  await trio.end(again);
  const { leaseFile } = trio.pathsOf('pg1');
  writeLeaseFile(leaseFile, { deadlineCs: Math.floor(bootMillis() / 10) - 1, epoch: 1, node: PG1 });
  const late = await trio.start('pg1');
  expect(late.held()).toBe(null);
  expect(await readLeaseFile(leaseFile)).toMatchObject({ value: { deadlineCs: 0 } });
  // It had no rival: it may have a new epoch at once.
  expect(await late.claim(2_000)).toMatchObject({ epoch: 2, holder: 'pg1' });
});

test.each([
  ['another epoch', { epoch: 2, node: PG1, ahead: 100 }],
  ['another node', { epoch: 1, node: PG2, ahead: 100 }],
  ['a deadline further away than a lease is long', { epoch: 1, node: PG1, ahead: 500 }],
])('a deadline on tmpfs with %s is ended and not gone on with', async (_, { epoch, node, ahead }) => {
  const { pg1 } = await withHolder();
  await trio.end(pg1);
  const { leaseFile } = trio.pathsOf('pg1');
  writeLeaseFile(leaseFile, { deadlineCs: Math.floor(bootMillis() / 10) + ahead, epoch, node });
  const again = await trio.start('pg1');
  expect(again.held()).toBe(null);
  expect(await readLeaseFile(leaseFile)).toMatchObject({ value: { deadlineCs: 0, node: 'pg1' } });
});

test('a voter that is started again lets nobody else have it before the wait; after that the old epoch is refused', async () => {
  const { pg1, pg2, witness } = await withHolder();
  await trio.end(witness);
  const again = await trio.start('witness');
  const old = pg1.held();
  expect(again.memory().lease).toEqual(old);
  await trio.end(pg1);
  // The last word of pg1 to the witness may be older than its start: it waits as long as it ever promised to.
  expect(await pg2.claim(300)).toBe(null);
  expect(again.statistics().votes.get('wait')).toBeGreaterThan(0);
  expect(pg2.mayClaim()).toBe(false);
  await until(() => pg2.mayClaim());
  expect(await pg2.claim(1_000)).toMatchObject({ epoch: 2, holder: 'pg2' });
  expect(
    await answersTo(PG1, { ...(messageOf('renew', PG1, 'n1') as Renew<NodeReport>), lease: old! }),
  ).toMatchObject([
    { from: 'pg2', verdict: 'old-epoch' },
    { from: 'witness', verdict: 'old-epoch' },
  ]);
  expect(again.statistics().refusals.get('old-epoch')).toBe(1);
  expect(again.memory().lease).toEqual(pg2.held());
});

test('a voter whose memory was cut off grants nothing, until a holder has taught it', async () => {
  trio = await createLeaseTrio(PORT);
  await writeFile(trio.pathsOf('witness').vote, '{"memory":{"lease":{"epo');
  const witness = await trio.start('witness');
  const pg1 = await trio.start('pg1');
  expect(witness.statistics().memoryBroken).toContain('vote.json.broken-');
  expect(trio.logged.join('\n')).toContain('this voter grants nothing');
  expect(await pg1.claim(300, true)).toBe(null);
  expect(await witness.claim(300, true)).toBe(null);
  expect(witness.statistics().refusals.get('memory-broken')).toBeGreaterThan(0);
  // A third voter makes the majority; the holder's renewal then teaches the witness.
  await trio.start('pg2');
  const lease = await claimPatiently(pg1, true);
  await until(() => witness.statistics().memoryBroken === null);
  expect(witness.memory().lease).toEqual(lease);
  await trio.end(witness);
  const again = await trio.start('witness');
  expect(again.statistics().memoryBroken).toBe(null);
  expect(again.memory().lease).toEqual(lease);
});

test('a holder with a disk that hangs goes on, for renewals need none; a voter that must write gives up and begins again', async () => {
  trio = await createLeaseTrio(PORT);
  const disk = heldUpDisk(trio.pathsOf('pg2').vote);
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2', { memoryFile: disk });
  const witness = await trio.start('witness');
  await claimPatiently(pg1, true);
  await until(() => pg2.memory().lease !== null);
  disk.hang();
  const first = pg1.entitledUntil() ?? 0;
  await until(() => (pg1.entitledUntil() ?? 0) > first + 500);
  expect(pg2.statistics().stopped).toBe(null);

  // A new epoch would have to be written.
  const waiting = pg2.claim(3_000);
  pg1.abandon();
  expect(await pg1.claim(1_000)).toMatchObject({ epoch: 2 });
  await until(() => pg2.statistics().stopped !== null);
  expect(await waiting).toBe(null);
  expect(pg2.statistics().stopped).toBe('the disk did not answer within 1000 ms');
  // The holder has its majority without it.
  const second = pg1.entitledUntil() ?? 0;
  await until(() => (pg1.entitledUntil() ?? 0) > second + 300);
  const answers = sum(pg2.statistics().votes);
  disk.goOn();
  await until(() => pg2.statistics().stopped === null);
  await until(() => sum(pg2.statistics().votes) > answers);
  expect(witness.held()).toBe(null);
});

test('a claim whose memory cannot be written is none, and says so', async () => {
  trio = await createLeaseTrio(PORT);
  const full: MemoryFile = {
    read: () => Promise.resolve({ kind: 'none' }),
    write: () => Promise.reject(new Error('ENOSPC: no space left on device')),
  };
  const pg1 = await trio.start('pg1', { memoryFile: full });
  await trio.start('pg2');
  await trio.start('witness');
  expect(await pg1.claim(1_000, true)).toBe(null);
  expect(pg1.statistics()).toMatchObject({ stopped: 'ENOSPC: no space left on device', remainingMs: null });
  expect(trio.logged.join('\n')).toContain('cannot vote: the memory cannot be written');
});

test('a holder whose fences cannot read its deadline is not entitled, and does not keep the lease from others', async () => {
  const { pg1, pg2 } = await withHolder();
  const folder = dirname(trio.pathsOf('pg1').leaseFile);
  await rename(folder, `${folder}-away`);
  await until(() => pg1.entitledUntil() === null);
  await until(() =>
    trio.logged.some((it) => it.startsWith('lease abandoned: its deadline cannot be written')),
  );
  expect(await pg1.claim(1_000)).toBe(null);
  await until(() => pg2.mayClaim());
  expect(await pg2.claim(1_000)).toMatchObject({ holder: 'pg2' });
});

test('a report that is too large is refused, the lease goes on, and nothing stale is told instead', async () => {
  const { pg1, pg2 } = await withHolder();
  pg1.setReport(reportOf(PG1));
  await until(() => pg2.peers().get(PG1)?.report.server?.lsn === '0/3000060');
  const large = { ...reportOf(PG1), sights: Array.from({ length: 200 }, () => reportOf(PG1).sights[0]!) };
  expect(() => pg1.setReport(large)).toThrow(/^cannot send the report of pg1: \d+ bytes, at most 4096$/);
  await until(() => pg2.peers().get(PG1)?.report.server === null);
  await expect(pg1.transfer(PG2, 'x'.repeat(4_000), 500)).rejects.toThrow('cannot send the proof of pg1');
  expect(pg1.held()).not.toBe(null);
});

test('a voter with other terms grants nothing, and says why', async () => {
  trio = await createLeaseTrio(PORT);
  const other = trio.clusterWith({ timings: { promotionWaitSeconds: 5 } });
  const pg1 = await trio.start('pg1');
  const pg2 = await trio.start('pg2', { cluster: other });
  const witness = await trio.start('witness', { cluster: other });
  expect(await pg1.claim(300, true)).toBe(null);
  for (const voter of [pg2, witness])
    expect(voter.statistics().refusals.get('configuration-differs')).toBeGreaterThan(0);
});

test('who listens is told of each change, and a listener that fails harms nobody', async () => {
  trio = await createLeaseTrio(PORT);
  const pg1 = await trio.start('pg1');
  await trio.start('pg2');
  const seen: (string | null)[] = [];
  pg1.onChange(() => {
    throw new Error('a fault of the agent');
  });
  pg1.onChange(() => seen.push(pg1.held()?.holder ?? null));
  await claimPatiently(pg1, true);
  await until(() => seen.includes('pg1'));
  pg1.abandon();
  expect(seen.at(-1)).toBe(null);
  expect(await readLeaseFile(trio.pathsOf('pg1').leaseFile)).toMatchObject({ value: { deadlineCs: 0 } });
  expect(trio.logged.join('\n')).toContain('a fault of the agent');
});

test('without a secret that can be used there is no service', async () => {
  trio = await createLeaseTrio(PORT);
  const agent = { voterPort: PORT, secretFile: `${trio.pathsOf('pg1').vote}.secret` };
  const cluster = trio.clusterWith({ agent });
  await expect(trio.start('pg1', { cluster })).rejects.toThrow("cannot read the cluster's secret");
  await writeFile(agent.secretFile, 'short\n');
  await expect(trio.start('pg1', { cluster })).rejects.toThrow('has less than 16 characters');
});

/** What both other voters answer to a message of `from`, whose own service has ended. */
async function answersTo(from: NodeName, message: LeaseMessage<NodeReport>) {
  const node = trio.cluster.nodes.find((it) => it.name === from)!;
  const answers: LeaseMessage<NodeReport>[] = [];
  const channel = await openDatagramChannel({
    cluster: trio.cluster,
    node,
    secret: trio.secret,
    deliver: (answer) => answers.push(answer),
    now: bootMillis,
    bind: node.addresses,
  });
  for (const to of trio.cluster.nodes) channel.send(to.name as NodeName, message);
  await until(() => answers.filter((it) => it.kind === 'answer').length === 2);
  await channel.close();
  return answers.filter((it) => it.kind === 'answer').toSorted((a, b) => (a.from < b.from ? -1 : 1));
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, count) => total + count, 0);
}

/** A real file behind writes that can be held up. */
function heldUpDisk(path: string): MemoryFile & { readonly hang: () => void; readonly goOn: () => void } {
  const file = memoryFileAt(path);
  let gate = Promise.resolve();
  let open = (): void => undefined;
  return {
    read: file.read,
    write: async (memory) => {
      await gate;
      await file.write(memory);
    },
    hang: () => {
      gate = new Promise((resolve) => {
        open = resolve;
      });
    },
    goOn: () => {
      gate = Promise.resolve();
      open();
    },
  };
}
