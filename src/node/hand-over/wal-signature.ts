/** How a successor proves to the WAL service that it is the one, and how the service proves that the bytes are its own. */
import { createHmac, timingSafeEqual, type Hmac } from 'node:crypto';

/** What is signed of a request: who asks, under which dead lease, for what. The nonce makes each one good for once. */
export interface WalRequest {
  readonly cluster: string;
  readonly successor: string;
  readonly leaseUuid: string;
  readonly nonce: string;
  readonly path: string;
}

/** Names of the headers; the service's signature comes as a trailer, after the bytes that it covers. */
export const HEADERS = {
  successor: 'primacy-successor',
  lease: 'primacy-lease',
  nonce: 'primacy-nonce',
  signature: 'primacy-signature',
} as const;

/** HMAC-SHA-256 under the cluster's secret, 64 hex digits. */
export function signRequest(secret: string, request: WalRequest): string {
  return begin(secret, 'request', request).digest('hex');
}

/** Takes the answer's bytes by `update`, and gives its signature by `digest('hex')`. */
export function answerSigner(secret: string, request: WalRequest): Hmac {
  return begin(secret, 'answer', request);
}

/** Compares in a time that tells nothing. */
export function sameSignature(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** No field can hold a newline, so that no two requests have the same text. */
function begin(secret: string, kind: 'request' | 'answer', it: WalRequest): Hmac {
  const text = ['primacy-wal-1', kind, it.cluster, it.successor, it.leaseUuid, it.nonce, it.path];
  return createHmac('sha256', secret).update(`${text.map(oneLine).join('\n')}\n`);
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ');
}
