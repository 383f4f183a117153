/** The lease between three agents, with real datagrams on loopback and real files: granted, renewed, run out, given away, gone on with. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { LeaseMessage, Renew } from '../../../../src/core/lease/message.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import type { NodeReport } from '../../../../src/core/model/node-report.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import { readLeaseFile, writeLeaseFile } from '../../../../src/world/files/lease-file.ts';
import { openDatagramChannel } from '../../../../src/world/network/datagram-channel.ts';
import { messageOf } from '../../../support/lease-messages.ts';
import {
  claimPatiently,
  createLeaseTrio,
  until,
  untilFenced,
  withHolder,
  type LeaseTrio,
} from '../../../support/lease-trio.ts';

let trio: LeaseTrio;
const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;

beforeEach(async () => {
  trio = await createLeaseTrio(18_701);
});
afterEach(() => trio.remove());

test('an adoption gets the first epoch, it is renewed, and the deadline lies where the fences read it', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
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
      { peer: 'pg2', contact: true, agrees: true },
      { peer: 'witness', contact: true, agrees: true },
    ],
  });
});

test('a holder that hears nobody is not entitled after a lease, and its fences are told', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
  await trio.end(pg2);
  await trio.end(witness);
  await untilFenced(trio, 'pg1');
  expect(pg1.held()).toBe(null);
});

test('a transfer is granted to the successor at once, with the proof, and the old holder is not entitled from the call on', async () => {
  const { pg1, pg2 } = await withHolder(trio);
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
  const { pg1 } = await withHolder(trio);
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
  const { pg1 } = await withHolder(trio);
  await trio.end(pg1);
  const { leaseFile } = trio.pathsOf('pg1');
  writeLeaseFile(leaseFile, { deadlineCs: Math.floor(bootMillis() / 10) + ahead, epoch, node });
  const again = await trio.start('pg1');
  expect(again.held()).toBe(null);
  expect(await readLeaseFile(leaseFile)).toMatchObject({ value: { deadlineCs: 0, node: 'pg1' } });
});

test('a voter that is started again lets nobody else have it before the wait; after that the old epoch is refused', async () => {
  const { pg1, pg2, witness } = await withHolder(trio);
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

test('who listens is told of each change, and a listener that fails harms nobody', async () => {
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
