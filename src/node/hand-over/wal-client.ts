/** Asks the agent of a dead primary for its WAL: one file at a time, each answer signed, each wait limited. */
import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rename, rm, truncate } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { Endpoint } from '../procedures/context.ts';
import type { HandOverContext } from './context.ts';
import { GREETING_PATH } from './served-file.ts';
import { answerSigner, HEADERS, sameSignature, signRequest, type WalRequest } from './wal-signature.ts';

export interface WalClient {
  /**
   * Fetches `/wal/SEGMENT` or `/history/NAME` into the restore directory under its own name, by rename; a segment is filled with zeros to
   * its full size, because PostgreSQL takes no other. Gives the bytes that came. Rejects with `unreachable` or `output-invalid`, and on abort.
   */
  readonly fetch: (path: string, signal: AbortSignal) => Promise<number>;
}

type Parts = Pick<HandOverContext, 'cluster' | 'node' | 'paths' | 'secret'>;

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
    return { fetch: (path, limit) => fetchFile(parts, certificate, endpoint, path, limit) };
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

async function fetchFile(
  parts: Parts,
  certificate: DeathCertificate,
  endpoint: Endpoint,
  path: string,
  signal: AbortSignal,
): Promise<number> {
  const name = path.slice(path.lastIndexOf('/') + 1);
  const target = join(parts.paths.restoreDirectory, name);
  const part = join(parts.paths.restoreDirectory, `.${name}.part`);
  try {
    const bytes = await receive(parts, certificate, endpoint, path, part, signal);
    if (path.startsWith('/wal/')) await truncate(part, certificate.walSegmentBytes);
    await rename(part, target);
    return bytes;
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

/** Writes the answer's bytes to a file and checks their signature, which covers the request as well. */
async function receive(
  parts: Parts,
  certificate: DeathCertificate,
  endpoint: Endpoint,
  path: string,
  file: string,
  signal: AbortSignal,
): Promise<number> {
  const { response, request } = await ask(parts, certificate, endpoint, path, signal);
  const signer = answerSigner(parts.secret, request);
  let bytes = 0;
  await pipeline(
    response,
    async function* count(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        bytes += chunk.length;
        if (bytes > certificate.walSegmentBytes) throw invalid(certificate, path, 'is larger than a segment');
        signer.update(chunk);
        yield chunk;
      }
    },
    createWriteStream(file, { mode: 0o644 }),
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
