/** The standing mark on a node that it may not be primary, hold the VIP or be started: set before fencing acts, lifted only by rejoin or `unfence`. */
import type { EpochMillis, FenceNumber, RemediationId } from './names.ts';
import { PrimacyError } from './primacy-error.ts';

export interface FenceMarker {
  /** `fencing` while the procedure runs, `fenced` once it was proven. Both keep the gate shut. */
  readonly state: 'fencing' | 'fenced';
  /** Why, as a stable word: `dual-primary`, `primary-without-lease`, `lease-lost` (the node's own agent), `operator`. Used as metric label. */
  readonly reason: string;
  readonly remediation: RemediationId | null;
  readonly fenceNumber: FenceNumber;
  readonly setAt: EpochMillis;
}

/**
 * Reads a marker's JSON value. By hand, because the agent reads it several times a second and must not carry a schema library.
 * Throws `output-invalid`, naming the field: a marker that is not understood must never count as none.
 */
export function parseFenceMarker(value: unknown): FenceMarker {
  if (typeof value !== 'object' || value === null) throw wrong('marker', value);
  const { state, reason, remediation, fenceNumber, setAt } = value as Readonly<Record<string, unknown>>;
  if (state !== 'fencing' && state !== 'fenced') throw wrong('state', state);
  if (typeof reason !== 'string') throw wrong('reason', reason);
  if (remediation !== null && !(typeof remediation === 'string' && /^[A-Za-z0-9-]{1,64}$/.test(remediation)))
    throw wrong('remediation', remediation);
  if (!Number.isSafeInteger(fenceNumber) || (fenceNumber as number) < 0)
    throw wrong('fenceNumber', fenceNumber);
  if (!Number.isFinite(setAt)) throw wrong('setAt', setAt);
  return {
    state,
    reason,
    remediation: remediation as RemediationId | null,
    fenceNumber: fenceNumber as FenceNumber,
    setAt: setAt as EpochMillis,
  };
}

function wrong(field: string, value: unknown): PrimacyError {
  return new PrimacyError('output-invalid', `cannot read fence marker: ${field} is ${JSON.stringify(value)}`);
}
