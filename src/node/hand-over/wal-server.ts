/** Serves the WAL of a dead primary's locked data directory to the one successor that was named, and to nobody else. */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { DataDirectoryLock } from '../../world/postgres/data-directory-lock.ts';
import type { HandOverContext } from './context.ts';
import { inBlocks } from './in-blocks.ts';
import { GREETING_PATH, servedFile, type ServedFile } from './served-file.ts';
import { answerSigner, HEADERS, sameSignature, signRequest, type WalRequest } from './wal-signature.ts';

export interface WalServer {
  /** The port it listens on. */
  readonly port: number;
  /** From now on `successor` may read what `certificate` covers, as long as `lock` stands. Replaces an earlier offer. */
  readonly offer: (certificate: DeathCertificate, successor: NodeName, lock: DataDirectoryLock) => void;
  readonly withdraw: () => void;
  readonly close: () => Promise<void>;
}

interface Offer {
  readonly certificate: DeathCertificate;
  readonly successor: NodeName;
  readonly lock: DataDirectoryLock;
  /** Of requests that were answered: none is answered twice. */
  readonly nonces: Set<string>;
}

type Parts = Pick<HandOverContext, 'cluster' | 'node' | 'secret'>;

/** More requests than a rescue within its limit can make. */
const NONCES_MAX = 10_000;
const CONNECTIONS_MAX = 16;
const HEADER_BYTES_MAX = 4_096;
const HEADERS_LIMIT_MS = 2_000;
const IDLE_LIMIT_MS = 5_000;
/** A hung disk or a successor that reads no more ends the answer, not the service. */
const ANSWER_LIMIT_MS = 30_000;

/** Listens on all addresses by TCP (`port` 0: a free one). Throws `missing-prerequisite` where that is not possible. */
export async function createWalServer(parts: Parts, port: number): Promise<WalServer> {
  let offered: Offer | null = null;
  const server = createServer(
    {
      headersTimeout: HEADERS_LIMIT_MS,
      requestTimeout: HEADERS_LIMIT_MS,
      connectionsCheckingInterval: HEADERS_LIMIT_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
    (request, response) => {
      void answer(parts, offered, request, response);
    },
  );
  server.maxConnections = CONNECTIONS_MAX;
  // The limits above do not count for a connection that never says a word.
  server.timeout = IDLE_LIMIT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(
        new PrimacyError(
          'missing-prerequisite',
          `cannot serve WAL from ${parts.node.name} on TCP port ${port}: ${errorText(error)}`,
          { cause: error },
        ),
      ),
    );
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    offer: (certificate, successor, lock) => {
      offered = { certificate, successor, lock, nonces: new Set() };
    },
    withdraw: () => {
      offered = null;
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** 403: not authenticated, or nothing is offered. 404: not covered by the certificate, or not there. Never rejects. */
async function answer(
  parts: Parts,
  offer: Offer | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  request.resume();
  const signed = authenticate(parts, offer, request);
  if (offer === null || signed === null) {
    response.writeHead(403, { connection: 'close' }).end();
    return;
  }
  if (signed.path === GREETING_PATH) {
    response.writeHead(200).end();
    return;
  }
  const file = servedFile(offer.certificate, signed.path);
  if (file === null) {
    response.writeHead(404).end();
    return;
  }
  try {
    await sendFile(
      response,
      join(parts.cluster.postgres.dataDirectory, 'pg_wal'),
      file,
      signed,
      parts.secret,
    );
  } catch {
    // The successor sees an answer without its signature, and asks again or reports a gap.
    response.destroy();
  }
}

/** The request, where it is a GET by the named successor under the certificate's lease, signed, for the first time; else null. */
function authenticate(parts: Parts, offer: Offer | null, request: IncomingMessage): WalRequest | null {
  if (offer === null || !offer.lock.stands() || request.method !== 'GET') return null;
  const header = (name: string): string => {
    const value = request.headers[name];
    return typeof value === 'string' ? value : '';
  };
  const signed: WalRequest = {
    cluster: parts.cluster.name,
    successor: header(HEADERS.successor),
    leaseUuid: header(HEADERS.lease),
    nonce: header(HEADERS.nonce),
    path: request.url ?? '',
  };
  if (signed.successor !== offer.successor || signed.leaseUuid !== offer.certificate.leaseUuid) return null;
  if (!/^[0-9a-f]{32}$/.test(signed.nonce)) return null;
  if (!sameSignature(header(HEADERS.signature), signRequest(parts.secret, signed))) return null;
  if (offer.nonces.has(signed.nonce) || offer.nonces.size >= NONCES_MAX) return null;
  offer.nonces.add(signed.nonce);
  return signed;
}

/** Streams the part of a file, read by a child process: a hung disk costs the child, not the agent. */
async function sendFile(
  response: ServerResponse,
  directory: string,
  file: ServedFile,
  request: WalRequest,
  secret: string,
): Promise<void> {
  const part = [
    `skip=${file.from}`,
    `count=${file.bytes}`,
    'iflag=skip_bytes,count_bytes',
    'bs=256K',
    'status=none',
  ];
  const child = spawn('dd', [`if=${join(directory, file.name)}`, ...part], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const limit = setTimeout(() => child.kill('SIGKILL'), ANSWER_LIMIT_MS);
  try {
    const ended = new Promise<number | null>((resolve) => {
      child.once('error', () => resolve(null));
      child.once('close', resolve);
    });
    const blocks = inBlocks(child.stdout);
    const first = await blocks.next();
    if (first.done === true) {
      response.writeHead(404).end();
      return;
    }
    const signer = answerSigner(secret, request);
    response.writeHead(200, { 'content-type': 'application/octet-stream', trailer: HEADERS.signature });
    await pipeline(
      async function* body() {
        for (let it: IteratorResult<Buffer> = first; it.done !== true; it = await blocks.next()) {
          signer.update(it.value);
          yield it.value;
        }
        if ((await ended) !== 0) throw new Error('the file could not be read to its end');
      },
      response,
      { end: false, signal: AbortSignal.timeout(ANSWER_LIMIT_MS) },
    );
    response.addTrailers({ [HEADERS.signature]: signer.digest('hex') });
    response.end();
  } finally {
    clearTimeout(limit);
    child.kill('SIGKILL');
  }
}
