/** What responder and node say to each other over SSH: one request as `VERB BASE64URL(JSON)`, one JSON document as reply. */
import { z } from 'zod';
import type { DivergenceAccount } from '../../core/model/account.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { FenceNumber, NodeName, RemediationId } from '../../core/model/names.ts';
import type { NodeObservation } from '../../core/model/observation.ts';
import { PrimacyError, type ErrorCode } from '../../core/model/primacy-error.ts';
import { observationSchema } from './observation-schema.ts';
import { lsn, nodeName, ordered, systemIdentifier, timeline } from './wire-values.ts';

interface Ordered {
  readonly remediation: RemediationId;
  readonly fenceNumber: FenceNumber;
}

/** Everything a responder can ask of a node. Nothing else can be run through its key. */
export type NodeRequest =
  | { readonly verb: 'observe' }
  | ({ readonly verb: 'release-vip'; readonly reason: string } & Ordered)
  | ({ readonly verb: 'fence'; readonly reason: string } & Ordered)
  | ({ readonly verb: 'unfence' } & Ordered)
  | ({ readonly verb: 'account'; readonly survivor: NodeName } & Ordered)
  | ({ readonly verb: 'rejoin'; readonly survivor: NodeName; readonly accountDigest: string } & Ordered);

export type NodeVerb = NodeRequest['verb'];

export interface ReleaseVipReport {
  readonly presentBefore: boolean;
  /** True where keepalived had to be stopped because it held the address and did not let go. */
  readonly keepalivedStopped: boolean;
  readonly seconds: number;
}

export interface FenceReport {
  readonly vip: ReleaseVipReport;
  readonly postgres: 'already-down' | 'fast' | 'immediate' | 'kill';
  readonly seconds: number;
}

export interface UnfenceReport {
  readonly wasFenced: boolean;
}

export interface RejoinReport {
  /** `none`: the node's history was already part of the survivor's. */
  readonly how: 'none' | 'rewind' | 'basebackup';
  readonly seconds: {
    readonly rewind: number;
    readonly start: number;
    readonly verify: number;
    readonly total: number;
  };
}

export interface ReplyOf {
  readonly observe: NodeObservation;
  readonly 'release-vip': ReleaseVipReport;
  readonly fence: FenceReport;
  readonly unfence: UnfenceReport;
  readonly account: DivergenceAccount;
  readonly rejoin: RejoinReport;
}

const reason = z.string().regex(/^[a-z0-9-]{1,64}$/);

const requestSchema: z.ZodType<NodeRequest> = z.discriminatedUnion('verb', [
  z.strictObject({ verb: z.literal('observe') }),
  z.strictObject({ verb: z.literal('release-vip'), reason, ...ordered }),
  z.strictObject({ verb: z.literal('fence'), reason, ...ordered }),
  z.strictObject({ verb: z.literal('unfence'), ...ordered }),
  z.strictObject({ verb: z.literal('account'), survivor: nodeName, ...ordered }),
  z.strictObject({
    verb: z.literal('rejoin'),
    survivor: nodeName,
    accountDigest: z.string().regex(/^[0-9a-f]{64}$/),
    ...ordered,
  }),
]);

/** The command line that carries a request. It has no character that a shell would treat specially. */
export function encodeRequest(request: NodeRequest): string {
  return `${request.verb} ${Buffer.from(JSON.stringify(request)).toString('base64url')}`;
}

/** Reads what arrived as SSH_ORIGINAL_COMMAND. Throws `usage` on anything but one well-formed request of at most 8 KiB. */
export function decodeRequest(line: string): NodeRequest {
  const match = line.length <= 8192 ? /^([a-z-]+) ([A-Za-z0-9_-]+)$/.exec(line) : null;
  if (match === null) throw new PrimacyError('usage', 'cannot read request: expected "VERB BASE64URL"');
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(match[2] ?? '', 'base64url').toString('utf8'));
  } catch (error) {
    throw new PrimacyError('usage', 'cannot read request: not JSON', { cause: error });
  }
  const result = requestSchema.safeParse(value);
  if (!result.success)
    throw new PrimacyError('usage', `cannot read request: ${z.prettifyError(result.error)}`);
  if (result.data.verb !== match[1])
    throw new PrimacyError('usage', 'cannot read request: verb and body differ');
  return result.data;
}

/** `{ ok: true, result }` or `{ ok: false, code, message }`. */
export function encodeResult(result: unknown): string {
  return JSON.stringify({ ok: true, result }, replaceLsn);
}

export function encodeFailure(code: ErrorCode, message: string): string {
  return JSON.stringify({ ok: false, code, message });
}

function replaceLsn(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? formatLsn(value as Lsn) : value;
}

const releaseVip: z.ZodType<ReleaseVipReport> = z.object({
  presentBefore: z.boolean(),
  keepalivedStopped: z.boolean(),
  seconds: z.number(),
});

/** The account as it crosses the wire and stands in a bundle's manifest. */
export const accountSchema: z.ZodType<DivergenceAccount> = z.object({
  node: nodeName,
  survivor: nodeName,
  systemIdentifier,
  loserTimeline: timeline,
  survivorTimeline: timeline,
  forkLsn: lsn,
  endLsn: lsn,
  bytes: z.number(),
  transactions: z.number(),
  clientTransactions: z.number(),
  bundle: z.string(),
  digest: z.string(),
});

const replySchemas: { readonly [V in NodeVerb]: z.ZodType<ReplyOf[V]> } = {
  observe: observationSchema,
  'release-vip': releaseVip,
  fence: z.object({
    vip: releaseVip,
    postgres: z.enum(['already-down', 'fast', 'immediate', 'kill']),
    seconds: z.number(),
  }),
  unfence: z.object({ wasFenced: z.boolean() }),
  account: accountSchema,
  rejoin: z.object({
    how: z.enum(['none', 'rewind', 'basebackup']),
    seconds: z.object({ rewind: z.number(), start: z.number(), verify: z.number(), total: z.number() }),
  }),
};

export type NodeReply<V extends NodeVerb> =
  | { readonly ok: true; readonly result: ReplyOf[V] }
  | { readonly ok: false; readonly code: string; readonly message: string };

const failure = z.object({ ok: z.literal(false), code: z.string(), message: z.string() });

/** Reads a node's reply. Throws `output-invalid` where it is not one. */
export function decodeReply<V extends NodeVerb>(verb: V, text: string): NodeReply<V> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new PrimacyError(
      'output-invalid',
      `cannot read reply to ${verb}: not JSON: ${JSON.stringify(text.slice(0, 200))}`,
      {
        cause: error,
      },
    );
  }
  const failed = failure.safeParse(value);
  if (failed.success) return failed.data;
  const result = z.object({ ok: z.literal(true), result: replySchemas[verb] }).safeParse(value);
  if (!result.success) {
    throw new PrimacyError(
      'output-invalid',
      `cannot read reply to ${verb}: ${z.prettifyError(result.error)}`,
    );
  }
  return result.data as NodeReply<V>;
}
