/** Asks the agent of a dead primary for its WAL: one file at a time, each answer signed, each wait limited. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Endpoint } from '../procedures/context.ts';
import type { HandOverContext } from './context.ts';
import { inBlocks } from './in-blocks.ts';
import { GREETING_PATH, historyPath, segmentPath } from './served-file.ts';
import { answerSigner, HEADERS, sameSignature, signRequest, type WalRequest } from './wal-signature.ts';

export interface WalClient {
  /**
   * Fetches a segment into the restore directory, by rename. Its first `from` bytes are copied from the own `pg_wal`, where they were
   * received; the rest after what comes is filled with zeros, because PostgreSQL takes no other size. Gives the bytes that came.
   * Rejects with `unreachable` or `output-invalid`, and on abort.
   */
  readonly fetchSegment: (name: string, from: number, signal: AbortSignal) => Promise<number>;
  /** The same for a history file. */
  readonly fetchHistory: (name: string, signal: AbortSignal) => Promise<number>;
}

type Parts = Pick<HandOverContext, 'cluster' | 'node' | 'paths' | 'runner' | 'secret'>;

const COPY_LIMIT_MS = 2_000;

/** A client of the first address that answers. `holder`: the dead primary's agent, by each of its addresses. */
export async function greet(
  parts: Parts,
  certificate: DeathCertificate,
  holder: readonly Endpoint[],
  signal: AbortSignal,
): Promise<WalClient> {
  const others = new AbortController();
  const both = AbortSignal.any([signal, others.signal]);
  try {
    const endpoint = await Promise.any(
      holder.map(async (it) => {
        const { response } = await ask(parts, certificate, it, GREETING_PATH, both);
        response.resume();
        return it;
      }),
    );
    return {
      fetchSegment: (name, from, limit) => fetchSegment({ parts, certificate, endpoint, name }, from, limit),
      fetchHistory: async (name, limit) => {
        const file = partOf(parts, name);
        return place(parts, name, () =>
          receive({ parts, certificate, endpoint, name }, historyPath(name), file, limit),
        );
      },
    };
  } catch (error) {
    const reasons = error instanceof AggregateError ? error.errors.map(String).join('; ') : String(error);
    throw new PrimacyError(
      'unreachable',
      `cannot ask ${certificate.node} for its WAL: ${reasons || 'no address'}`,
      { retryable: true, cause: error },
    );
  } finally {
    others.abort();
  }
}

/** One file of one holder. */
interface Wanted {
  readonly parts: Parts;
  readonly certificate: DeathCertificate;
  readonly endpoint: Endpoint;
  readonly name: string;
}

async function fetchSegment(wanted: Wanted, from: number, signal: AbortSignal): Promise<number> {
  const { parts, certificate, name } = wanted;
  const file = partOf(parts, name);
  return place(parts, name, async () => {
    const there = await copyBegin(parts, name, from, file);
    const bytes = await receive(wanted, segmentPath(name, there), file, signal);
    await truncate(file, certificate.walSegmentBytes);
    return bytes;
  });
}

function partOf({ paths }: Parts, name: string): string {
  return join(paths.restoreDirectory, `.${name}.part`);
}

/** Lets a file appear under its name once it is whole. */
async function place(parts: Parts, name: string, make: () => Promise<number>): Promise<number> {
  const file = partOf(parts, name);
  try {
    const bytes = await make();
    await rename(file, join(parts.paths.restoreDirectory, name));
    return bytes;
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  }
}

/** Begins `file` with the first `bytes` of the own segment, read by a child process; 0 and an empty file where they are not there. */
async function copyBegin(parts: Parts, name: string, bytes: number, file: string): Promise<number> {
  await writeFile(file, '', { mode: 0o644 });
  if (bytes === 0) return 0;
  const own = join(parts.cluster.postgres.dataDirectory, 'pg_wal', name);
  await parts.runner.run({
    program: 'dd',
    arguments: [`if=${own}`, `of=${file}`, `count=${bytes}`, 'iflag=count_bytes', 'bs=256K', 'status=none'],
    timeoutMs: COPY_LIMIT_MS,
  });
  if ((await stat(file)).size === bytes) return bytes;
  await truncate(file, 0);
  return 0;
}

/** Adds the answer's bytes to a file and checks their signature, which covers the request as well. */
async function receive(wanted: Wanted, path: string, file: string, signal: AbortSignal): Promise<number> {
  const { parts, certificate, endpoint } = wanted;
  const { response, request } = await ask(parts, certificate, endpoint, path, signal);
  const signer = answerSigner(parts.secret, request);
  let bytes = 0;
  await pipeline(
    response,
    async function* count(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of inBlocks(chunks)) {
        bytes += chunk.length;
        if (bytes > certificate.walSegmentBytes) throw invalid(certificate, path, 'is larger than a segment');
        signer.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { flags: 'a', mode: 0o644 }),
    { signal },
  );
  const signature = response.trailers[HEADERS.signature] ?? '';
  if (!sameSignature(signature, signer.digest('hex')))
    throw invalid(certificate, path, 'is cut short or not signed with the cluster’s secret');
  return bytes;
}

/** One signed GET, up to its status. */
function ask(
  parts: Parts,
  certificate: DeathCertificate,
  endpoint: Endpoint,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly response: IncomingMessage; readonly request: WalRequest }> {
  const request: WalRequest = {
    cluster: parts.cluster.name,
    successor: parts.node.name,
    leaseUuid: certificate.leaseUuid,
    nonce: randomBytes(16).toString('hex'),
    path,
  };
  const headers = {
    [HEADERS.successor]: request.successor,
    [HEADERS.lease]: request.leaseUuid,
    [HEADERS.nonce]: request.nonce,
    [HEADERS.signature]: signRequest(parts.secret, request),
  };
  return new Promise((resolve, reject) => {
    const asked = get({ ...endpoint, path, headers, signal }, (response) => {
      if (response.statusCode === 200) {
        resolve({ response, request });
        return;
      }
      response.resume();
      // What is not there will not come: the data directory is locked. A refusal may end with the offer that is just being made.
      const gone = response.statusCode === 404;
      reject(invalid(certificate, path, gone ? 'is not there' : 'was refused', !gone));
    });
    asked.once('error', reject);
  });
}

function invalid(
  certificate: DeathCertificate,
  path: string,
  reason: string,
  retryable = true,
): PrimacyError {
  return new PrimacyError('output-invalid', `cannot use ${path} of ${certificate.node}: it ${reason}`, {
    retryable,
  });
}
