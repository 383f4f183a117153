/** Envelope and signature of a datagram between agents: nothing of it is read before the signature was proven. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { LeaseMessage } from '../../core/lease/message.ts';
import type { ClusterName, NodeName, SystemIdentifier } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { SessionHeader } from './datagram-session.ts';
import { countOf, FieldError, nullOr, objectOf, textOf } from '../json-fields.ts';
import { nodeName } from '../lease-fields.ts';
import { parseLeaseMessage } from './lease-message-parser.ts';

/** Why a datagram never reaches the voter. The first that applies, in this order. */
export const DATAGRAM_REFUSALS = [
  /** Larger than any that we send. */
  'oversized',
  /** Not a datagram of ours at all. */
  'garbage',
  /** Of a version of the protocol that this one does not speak. */
  'other-version',
  /** Signed with another secret, or changed on its way. */
  'unauthenticated',
  /** Rightly signed, and yet a field is missing or not as expected. */
  'malformed',
  'other-cluster',
  'other-system',
  /** The sender is no configured node. */
  'stranger',
  /** For another node. */
  'misdirected',
  /** Not yet proven to be newer than this agent: sent again at once, as a new one, by a sender that is alive. */
  'unproven',
  /** Was taken before, or is older than what was. */
  'replayed',
] as const;
export type DatagramRefusal = (typeof DATAGRAM_REFUSALS)[number];

/** Fits into one IPv4 or IPv6 packet, fragmented where need be; an ordinary one has 1 KiB. */
export const DATAGRAM_LIMIT_BYTES = 8_192;

/** What this agent signs with and expects in every envelope. */
export interface DatagramIdentity {
  readonly cluster: ClusterName;
  /** Null until it is configured: then any is accepted. */
  readonly system: SystemIdentifier | null;
  readonly self: NodeName;
  /** Every configured node but `self`. */
  readonly peers: readonly NodeName[];
  readonly secret: string;
}

export interface Datagram {
  readonly from: NodeName;
  readonly session: SessionHeader;
  /** Null: only the session is of interest. */
  readonly message: LeaseMessage<NodeReport> | null;
}

export type Decoded =
  | { readonly kind: 'datagram'; readonly datagram: Datagram }
  | { readonly kind: 'refused'; readonly reason: DatagramRefusal };

const MAGIC = Buffer.from('PMCY', 'latin1');
const VERSION = 1;
const SIGNATURE_START = MAGIC.length + 1;
const SIGNATURE_BYTES = 32;
const BODY_START = SIGNATURE_START + SIGNATURE_BYTES;

/**
 * `PMCY`, one byte version, HMAC-SHA256 over the rest, and the rest: one JSON object. Throws `refused` where it would be larger than
 * `DATAGRAM_LIMIT_BYTES`.
 */
export function encodeDatagram(
  identity: DatagramIdentity,
  to: NodeName,
  session: SessionHeader,
  message: LeaseMessage<NodeReport> | null,
): Buffer {
  const { cluster, system, self, secret } = identity;
  // The sender's name stands in the envelope; a second one could only contradict it.
  const body = Buffer.from(
    JSON.stringify({ cluster, system, from: self, to, ...session, message: withoutSender(message) }),
  );
  const size = BODY_START + body.length;
  if (size > DATAGRAM_LIMIT_BYTES)
    throw new PrimacyError(
      'refused',
      `cannot send a ${message?.kind ?? 'hello'} to ${to}: ${size} bytes, at most ${DATAGRAM_LIMIT_BYTES}`,
    );
  return Buffer.concat([MAGIC, Buffer.of(VERSION), sign(secret, body), body]);
}

/** Checks and reads whatever arrived. Never throws. */
export function decodeDatagram(identity: DatagramIdentity, bytes: Buffer): Decoded {
  if (bytes.length > DATAGRAM_LIMIT_BYTES) return refused('oversized');
  if (bytes.length < BODY_START || !bytes.subarray(0, MAGIC.length).equals(MAGIC)) return refused('garbage');
  if (bytes[MAGIC.length] !== VERSION) return refused('other-version');
  const body = bytes.subarray(BODY_START);
  if (!timingSafeEqual(bytes.subarray(SIGNATURE_START, BODY_START), sign(identity.secret, body)))
    return refused('unauthenticated');
  try {
    return readBody(identity, objectOf(JSON.parse(body.toString('utf8')), 'datagram'));
  } catch (error) {
    if (error instanceof FieldError || error instanceof SyntaxError) return refused('malformed');
    throw error;
  }
}

function readBody(identity: DatagramIdentity, it: Readonly<Record<string, unknown>>): Decoded {
  const cluster = textOf(it['cluster'], 'cluster');
  const system = nullOr(it['system'], 'system', textOf);
  const from = nodeName(it['from'], 'from');
  const to = nodeName(it['to'], 'to');
  const session: SessionHeader = {
    start: textOf(it['start'], 'start'),
    counter: countOf(it['counter'], 'counter'),
    echo: nullOr(it['echo'], 'echo', textOf),
    echoCounter: countOf(it['echoCounter'], 'echoCounter'),
  };
  if (cluster !== identity.cluster) return refused('other-cluster');
  if (system !== null && identity.system !== null && system !== identity.system)
    return refused('other-system');
  if (!identity.peers.includes(from)) return refused('stranger');
  if (to !== identity.self) return refused('misdirected');
  const message = nullOr(it['message'], 'message', (value) => parseLeaseMessage(value, from));
  return { kind: 'datagram', datagram: { from, session, message } };
}

function refused(reason: DatagramRefusal): Decoded {
  return { kind: 'refused', reason };
}

function sign(secret: string, body: Buffer): Buffer {
  return createHmac('sha256', secret).update(body).digest();
}

function withoutSender(message: LeaseMessage<NodeReport> | null): object | null {
  if (message === null) return null;
  const { from: _, ...rest } = message;
  return rest;
}
