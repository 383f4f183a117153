/** Schemas of the values that cross the wire between responder and node, each with the brand that the model gives it. */
import { z } from 'zod';
import { parseFenceMarker, type FenceMarker } from '../../core/model/fence-marker.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type {
  EpochMillis,
  FenceNumber,
  NodeName,
  RemediationId,
  SystemIdentifier,
} from '../../core/model/names.ts';
import type { TimelineId } from '../../core/model/timeline.ts';

export const nodeName: z.ZodType<NodeName> = z.custom<NodeName>(
  (value) => typeof value === 'string' && value.length > 0,
);
/** What every order of a remediation carries. */
export const ordered: {
  readonly remediation: z.ZodType<RemediationId>;
  readonly fenceNumber: z.ZodType<FenceNumber>;
} = {
  remediation: z.custom<RemediationId>(
    (value) => typeof value === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(value),
  ),
  fenceNumber: z.custom<FenceNumber>((value) => Number.isSafeInteger(value) && (value as number) >= 0),
};

/** LSNs are text at the edges. */
export const lsn: z.ZodType<Lsn> = z.string().transform((text) => parseLsn(text));
export const timeline: z.ZodType<TimelineId> = z.custom<TimelineId>(
  (value) => Number.isInteger(value) && (value as number) >= 1,
);
export const systemIdentifier: z.ZodType<SystemIdentifier> = z.custom<SystemIdentifier>(
  (value) => typeof value === 'string' && /^\d+$/.test(value),
);
export const millis: z.ZodType<EpochMillis> = z.custom<EpochMillis>((value) => Number.isFinite(value));

/** `{ kind: 'known', value }` or `{ kind: 'unknown', reason }`. */
export function knownOf<T>(value: z.ZodType<T>): z.ZodType<Known<T>> {
  return z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('known'), value }).transform((it) => known(it.value)),
    z.object({ kind: z.literal('unknown'), reason: z.string() }).transform((it) => unknown(it.reason)),
  ]) as z.ZodType<Known<T>>;
}

/** The marker as it stands in its file. */
export const fenceMarkerSchema: z.ZodType<FenceMarker> = z.unknown().transform(parseFenceMarker);
