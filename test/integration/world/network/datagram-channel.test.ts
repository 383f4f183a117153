/** Datagrams between two agents over real UDP: every path counts, and what is forged, recorded or broken is refused and never answered. */
import { createSocket, type Socket } from 'node:dgram';
import { afterEach, expect, test } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../../src/config/schema.ts';
import type { LeaseMessage } from '../../../../src/core/lease/message.ts';
import type { ClusterName, NodeName, SystemIdentifier } from '../../../../src/core/model/names.ts';
import type { NodeReport } from '../../../../src/core/model/node-report.ts';
import { bootMillis, pollUntil, systemClock } from '../../../../src/world/clock.ts';
import { openDatagramChannel, type DatagramChannel } from '../../../../src/world/network/datagram-channel.ts';
import { encodeDatagram, type DatagramIdentity } from '../../../../src/world/network/datagram-codec.ts';
import { messageOf } from '../../../support/lease-messages.ts';

const PORT = 18_702;
const SECRET = 'the secret of this cluster';
const PG1 = 'pg1' as NodeName;
const PG2 = 'pg2' as NodeName;

const PG1_SIGNS: DatagramIdentity = {
  cluster: 'main' as ClusterName,
  system: '7300000000000000001' as SystemIdentifier,
  self: PG1,
  peers: [PG2],
  secret: SECRET,
};

const opened: (() => Promise<void>)[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((close) => close()));
});

function clusterOf(addresses: Readonly<Record<'pg1' | 'pg2', readonly string[]>>): ClusterConfig {
  const nodes = (['pg1', 'pg2'] as const).map((name) => ({ name, addresses: addresses[name] }));
  const agent = { voterPort: PORT };
  const [cluster] = configSchema.parse({
    clusters: [
      {
        name: 'main',
        vip: '10.87.0.100/24',
        interface: 'lo',
        vrid: 51,
        systemIdentifier: '7300000000000000001',
        agent,
        nodes,
      },
    ],
  }).clusters;
  if (cluster === undefined) throw new Error('no cluster');
  return cluster;
}

interface End {
  readonly channel: DatagramChannel;
  readonly delivered: LeaseMessage<NodeReport>[];
}

async function open(
  cluster: ClusterConfig,
  name: 'pg1' | 'pg2',
  bind: readonly string[] | null,
): Promise<End> {
  const node = cluster.nodes.find((it) => it.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  const delivered: LeaseMessage<NodeReport>[] = [];
  const deliver = (message: LeaseMessage<NodeReport>): void => {
    delivered.push(message);
  };
  const parts = { cluster, node, secret: SECRET, deliver, now: bootMillis };
  const channel = await openDatagramChannel(bind === null ? parts : { ...parts, bind });
  opened.push(() => channel.close());
  return { channel, delivered };
}

async function plainSocket(address: string, port: number): Promise<Socket> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(port, address, resolve);
  });
  opened.push(() => new Promise<void>((resolve) => void socket.close(() => resolve())));
  return socket;
}

async function until(look: () => boolean): Promise<void> {
  const seen = await pollUntil(systemClock, 5_000, 2, async () => look() || undefined);
  if (seen === undefined) throw new Error(`not within 5 s: ${look.toString()}`);
}

const nonces = (end: End): readonly string[] => end.delivered.map((it) => it.nonce);

test('a message arrives once over two paths, nothing is refused', async () => {
  const pg1 = ['127.0.88.1', '127.0.88.11'];
  const pg2 = ['127.0.88.2', '127.0.88.12'];
  const cluster = clusterOf({ pg1, pg2 });
  const a = await open(cluster, 'pg1', pg1);
  const b = await open(cluster, 'pg2', pg2);
  a.channel.send(PG2, messageOf('look', PG1, 'n1'));
  await until(() => b.delivered.length > 0);
  b.channel.send(PG1, messageOf('answer', PG2, 'n1'));
  a.channel.send(PG2, messageOf('renew', PG1, 'n2'));
  await until(() => nonces(b).includes('n2') && a.delivered.length > 0);
  expect(nonces(b)).toEqual(['n1', 'n2']);
  expect(nonces(a)).toEqual(['n1']);
  expect(b.channel.refusals().get('replayed')).toBe(undefined);
});

test('one path that works is contact', async () => {
  const cluster = clusterOf({ pg1: ['127.0.88.1'], pg2: ['127.0.88.99', '127.0.88.2'] });
  const a = await open(cluster, 'pg1', ['127.0.88.1']);
  const b = await open(cluster, 'pg2', ['127.0.88.2']);
  a.channel.send(PG2, messageOf('renew', PG1, 'n1'));
  await until(() => nonces(b).includes('n1'));
  expect(b.channel.heardAt(PG1)).not.toBe(null);
});

test('IPv6 addresses are paths too, and without a choice every address of the host is bound', async () => {
  const cluster = clusterOf({ pg1: ['::1'], pg2: ['127.0.88.2'] });
  const b = await open(cluster, 'pg2', null);
  const socket = createSocket('udp6');
  const header = { start: 's', counter: 1, echo: null, echoCounter: 0 };
  socket.send(encodeDatagram(PG1_SIGNS, PG2, header, messageOf('look', PG1, 'n1')), PORT, '::1');
  // It came by IPv6; the hello to pg1's only address went there too, where pg2 itself listens and does not know itself.
  await until(() => b.channel.refusals().has('stranger'));
  expect(Object.fromEntries(b.channel.refusals())).toEqual({ unproven: 1, stranger: 1 });
  socket.close();
});

test('whatever is not ours is refused with its reason, counted, and never answered', async () => {
  const cluster = clusterOf({ pg1: ['127.0.88.1'], pg2: ['127.0.88.2'] });
  const b = await open(cluster, 'pg2', ['127.0.88.2']);
  // Listens where the answers to pg1 would go.
  const forger = await plainSocket('127.0.88.1', PORT);
  const answers: Buffer[] = [];
  forger.on('message', (bytes) => answers.push(bytes));
  const header = { start: 's', counter: 1, echo: null, echoCounter: 0 };
  const made = (other: Partial<DatagramIdentity>, to = PG2): Buffer =>
    encodeDatagram({ ...PG1_SIGNS, ...other }, to, header, messageOf('renew', other.self ?? PG1, 'n1'));
  const good = made({});
  const cases: readonly (readonly [string, Buffer])[] = [
    ['garbage', Buffer.from('hello')],
    ['garbage', Buffer.alloc(0)],
    ['garbage', good.subarray(0, 30)],
    ['unauthenticated', good.subarray(0, good.length - 1)],
    ['oversized', Buffer.concat([good, Buffer.alloc(9_000)])],
    ['other-version', Buffer.concat([good.subarray(0, 4), Buffer.of(9), good.subarray(5)])],
    ['unauthenticated', made({ secret: 'another secret' })],
    ['other-cluster', made({ cluster: 'test' as ClusterName })],
    ['other-system', made({ system: '7300000000000000002' as SystemIdentifier })],
    ['stranger', made({ self: 'pg9' as NodeName })],
    ['misdirected', made({}, 'pg7' as NodeName)],
  ];
  const counted: Record<string, number> = {};
  for (const [reason, bytes] of cases) {
    counted[reason] = (counted[reason] ?? 0) + 1;
    forger.send(bytes, PORT, '127.0.88.2');
    await until(() => b.channel.refusals().get(reason as 'garbage') === counted[reason]);
  }
  expect(Object.fromEntries(b.channel.refusals())).toEqual(counted);
  expect(b.delivered).toEqual([]);
  // The first that is authentic gets a hello: what came before it got nothing.
  forger.send(good, PORT, '127.0.88.2');
  await until(() => answers.length > 0);
  expect(answers).toHaveLength(1);
  expect(b.delivered).toEqual([]);
});

test('what was recorded is refused: at once, after the receiver began anew, and after the sender did', async () => {
  // pg1 reaches pg2 by way of a recorder only.
  const seenByA = clusterOf({ pg1: ['127.0.88.1'], pg2: ['127.0.88.50'] });
  const cluster = clusterOf({ pg1: ['127.0.88.1'], pg2: ['127.0.88.2'] });
  const recorder = await plainSocket('127.0.88.50', PORT);
  const recorded: Buffer[] = [];
  recorder.on('message', (bytes) => {
    recorded.push(bytes);
    recorder.send(bytes, PORT, '127.0.88.2');
  });
  const replayAll = (): number => {
    for (const bytes of recorded) recorder.send(bytes, PORT, '127.0.88.2');
    return recorded.length;
  };
  const refused = (end: End): number =>
    (end.channel.refusals().get('replayed') ?? 0) + (end.channel.refusals().get('unproven') ?? 0);

  const a = await open(seenByA, 'pg1', ['127.0.88.1']);
  const first = await open(cluster, 'pg2', ['127.0.88.2']);
  for (const nonce of ['n1', 'n2', 'n3']) {
    a.channel.send(PG2, messageOf('renew', PG1, nonce));
    await until(() => nonces(first).includes(nonce));
  }
  // As often as a datagram may come by several paths it is left out in silence.
  const before = refused(first);
  for (let i = 0; i < 3; i += 1) replayAll();
  await until(() => refused(first) > before);
  expect(nonces(first)).toEqual(['n1', 'n2', 'n3']);
  // Now the sender is dead, and the receiver has forgotten everything.
  await first.channel.close();
  await a.channel.close();
  const second = await open(cluster, 'pg2', ['127.0.88.2']);
  await until(() => {
    replayAll();
    return refused(second) >= 4;
  });
  expect(second.delivered).toEqual([]);
  expect(second.channel.heardAt(PG1)).toBe(null);

  const old = recorded.length;
  const again = await open(seenByA, 'pg1', ['127.0.88.1']);
  again.channel.send(PG2, messageOf('look', PG1, 'n4'));
  await until(() => nonces(second).includes('n4'));
  const count = second.channel.refusals().get('unproven') ?? 0;
  for (const bytes of recorded.slice(0, old)) recorder.send(bytes, PORT, '127.0.88.2');
  await until(() => (second.channel.refusals().get('unproven') ?? 0) > count);
  // The receiver began anew and the sender did not: said once more by itself, and taken once.
  await second.channel.close();
  const third = await open(cluster, 'pg2', ['127.0.88.2']);
  again.channel.send(PG2, messageOf('renew', PG1, 'n5'));
  await until(() => nonces(third).includes('n5'));
  expect(nonces(second)).toEqual(['n4']);
  expect(nonces(third)).toEqual(['n5']);
});
