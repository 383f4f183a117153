/** The WAL service answers the named successor, under the named lease, while the data directory is locked, and nobody else. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, get } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configSchema, type ClusterConfig } from '../../../../src/config/schema.ts';
import { pathsBelow } from '../../../../src/config/paths.ts';
import { parseDeathCertificate } from '../../../../src/core/model/death-certificate.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { createWalServer, type WalServer } from '../../../../src/node/hand-over/wal-server.ts';
import { greet } from '../../../../src/node/hand-over/wal-client.ts';
import { HEADERS, signRequest } from '../../../../src/node/hand-over/wal-signature.ts';
import { localRunner } from '../../../../src/world/remote/local-runner.ts';

const SEGMENT = 1_048_576;
const NAME = '000000010000000000000003';
const END = 0x300150;
const certificate = parseDeathCertificate({
  cluster: 'test',
  node: 'pg1',
  epoch: 7,
  leaseUuid: 'lease-7',
  systemIdentifier: '7400000000000000001',
  timeline: 1,
  historyHash: '0123456789abcdef',
  endLsn: `0/${END.toString(16)}`,
  walSegmentBytes: SEGMENT,
});
const content = Buffer.from(Array.from({ length: SEGMENT }, (_, index) => (index * 7) % 251));
const limit = (): AbortSignal => AbortSignal.timeout(5_000);

let directory: string;
let service: WalServer;
let stands: boolean;
const lock = { stands: () => stands, release: () => Promise.resolve() };
const successor = 'pg2' as NodeName;

beforeEach(async () => {
  directory = await mkdtemp('/tmp/primacy-test-');
  await mkdir(join(directory, 'data/pg_wal'), { recursive: true });
  await mkdir(join(directory, 'run/restore'), { recursive: true });
  await writeFile(join(directory, 'data/pg_wal', NAME), content);
  stands = true;
  service = await createWalServer(partsOf('pg1'), 0);
  service.offer(certificate, successor, lock);
});
afterEach(async () => {
  await service.close();
  await rm(directory, { recursive: true, force: true });
});

function partsOf(name: string, secret = 'secret'): Parameters<typeof greet>[0] {
  const cluster = clusterIn(directory);
  const node = cluster.nodes.find((it) => it.name === name);
  if (node === undefined) throw new Error(`no node ${name}`);
  const paths = pathsBelow(join(directory, 'state'), join(directory, 'run'));
  return { cluster, node, paths, runner: localRunner, secret };
}

function clusterIn(folder: string): ClusterConfig {
  const nodes = ['pg1', 'pg2', 'pg3'].map((name) => ({ name, addresses: ['127.0.0.1'] }));
  const postgres = { dataDirectory: join(folder, 'data') };
  const cluster = { name: 'test', vip: '192.0.2.1/24', interface: 'lo', vrid: 1, nodes, postgres };
  const [parsed] = configSchema.parse({ clusters: [cluster] }).clusters;
  if (parsed === undefined) throw new Error('no cluster');
  return parsed;
}

function holder(port = service.port): { readonly host: string; readonly port: number }[] {
  return [{ host: '127.0.0.1', port }];
}

function fetched(): Promise<Buffer> {
  return readFile(join(directory, 'run/restore', NAME));
}

/** The status of one request as it is, signed or not. */
async function status(path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const [response] = (await once(get({ ...holder()[0], path, headers }), 'response')) as [
    { readonly statusCode: number; readonly resume: () => void },
  ];
  response.resume();
  return response.statusCode;
}

function signed(path: string, changes: Partial<Record<keyof typeof HEADERS, string>> = {}) {
  const request = {
    cluster: 'test',
    successor: changes.successor ?? 'pg2',
    leaseUuid: changes.lease ?? 'lease-7',
    nonce: changes.nonce ?? '00112233445566778899aabbccddeeff',
    path,
  };
  return {
    [HEADERS.successor]: request.successor,
    [HEADERS.lease]: request.leaseUuid,
    [HEADERS.nonce]: request.nonce,
    [HEADERS.signature]: changes.signature ?? signRequest('secret', request),
  };
}

test('the successor gets the segment up to the end of WAL, and zeros after it', async () => {
  const client = await greet(partsOf('pg2'), certificate, holder(), limit());
  expect(await client.fetchSegment(NAME, 0, limit())).toBe(0x150);
  const got = await fetched();
  expect(got.length).toBe(SEGMENT);
  expect(got.subarray(0, 0x150)).toEqual(content.subarray(0, 0x150));
  expect(got.subarray(0x150).every((byte) => byte === 0)).toBe(true);
});

test('what it has itself is copied and not sent; where it has it not, all is sent', async () => {
  const client = await greet(partsOf('pg2'), certificate, holder(), limit());
  expect(await client.fetchSegment(NAME, 0x100, limit())).toBe(0x50);
  expect((await fetched()).subarray(0, 0x150)).toEqual(content.subarray(0, 0x150));
  const elsewhere = { ...partsOf('pg2'), cluster: clusterIn(join(directory, 'elsewhere')) };
  const bare = await greet(elsewhere, certificate, holder(), limit());
  expect(await bare.fetchSegment(NAME, 0x100, limit())).toBe(0x150);
});

test('the first address that answers is taken', async () => {
  const nobody = { host: '127.0.0.1', port: 1 };
  const client = await greet(partsOf('pg2'), certificate, [nobody, ...holder()], limit());
  expect(await client.fetchSegment(NAME, 0, limit())).toBe(0x150);
});

test('a segment that is not there, and bytes beyond the end, will not come: no retry', async () => {
  const client = await greet(partsOf('pg2'), certificate, holder(), limit());
  for (const [name, from] of [
    ['000000010000000000000002', 0],
    ['000000010000000000000004', 0],
    [NAME, 0x150],
  ] as const)
    await expect(client.fetchSegment(name, from, limit())).rejects.toMatchObject({ retryable: false });
});

test('another node, another lease, another secret: refused', async () => {
  for (const [parts, theirs] of [
    [partsOf('pg3'), certificate],
    [partsOf('pg2', 'another secret'), certificate],
    [partsOf('pg2'), { ...certificate, leaseUuid: 'lease-6' }],
  ] as const)
    await expect(greet(parts, theirs, holder(), limit())).rejects.toMatchObject({ code: 'unreachable' });
});

test('no signature, a signature of another path, and the same request twice: refused', async () => {
  const path = `/wal/${NAME}?from=0`;
  expect(await status(path, {})).toBe(403);
  expect(await status(path, signed('/greeting'))).toBe(403);
  expect(await status(path, signed(path, { signature: 'f'.repeat(64) }))).toBe(403);
  expect(await status(path, signed(path, { nonce: 'short' }))).toBe(403);
  expect(await status(path, signed(path))).toBe(200);
  expect(await status(path, signed(path))).toBe(403);
});

test('nothing is served once the lock is gone or the offer withdrawn', async () => {
  stands = false;
  await expect(greet(partsOf('pg2'), certificate, holder(), limit())).rejects.toThrow('was refused');
  stands = true;
  service.withdraw();
  await expect(greet(partsOf('pg2'), certificate, holder(), limit())).rejects.toThrow('was refused');
});

test('an answer without the signature of the cluster’s secret is not taken', async () => {
  const forger = createHttpServer((_request, response) => {
    response.end('forged WAL');
  }).listen(0, '127.0.0.1');
  await once(forger, 'listening');
  try {
    const { port } = forger.address() as AddressInfo;
    const client = await greet(partsOf('pg2'), certificate, holder(port), limit());
    await expect(client.fetchSegment(NAME, 0, limit())).rejects.toThrow('not signed');
    await expect(fetched()).rejects.toMatchObject({ code: 'ENOENT' });
  } finally {
    forger.close();
  }
});

test('a connection that sends nothing, or more than a request, is ended by the service', async () => {
  const idle = connect(service.port, '127.0.0.1');
  const flood = connect(service.port, '127.0.0.1');
  flood.write(`GET / HTTP/1.1\r\nhost: x\r\nx: ${'a'.repeat(100_000)}\r\n\r\n`);
  const ends = [idle, flood].map(
    (socket) =>
      new Promise((resolve) => {
        // Whether by a reset or in order.
        socket.on('error', () => undefined);
        socket.resume().once('close', resolve);
      }),
  );
  await Promise.all(ends);
  expect([idle.closed, flood.closed]).toEqual([true, true]);
});

test('a port that is taken is an error that names node and port', async () => {
  await expect(createWalServer(partsOf('pg1'), service.port)).rejects.toThrow(
    `cannot serve WAL from pg1 on TCP port ${service.port}`,
  );
});
