/** The gate opens on one thing only, and every unknown closes it in time. */
import { describe, expect, test } from 'vitest';
import { decideGate, type GateEvidence } from '../../../../src/core/guard/decide-gate.ts';
import { known, unknown } from '../../../../src/core/model/known.ts';
import type { EpochMillis, FenceNumber } from '../../../../src/core/model/names.ts';

const primary: GateEvidence = {
  entitlement: { kind: 'entitled', epochWritten: true },
  role: 'primary',
  fence: known(null),
  openNow: false,
  sincePrimaryMs: 0,
  holdMs: 8_000,
};
const marker = {
  state: 'fencing',
  reason: 'operator',
  remediation: null,
  fenceNumber: 1 as FenceNumber,
  setAt: 0 as EpochMillis,
} as const;

describe('the gate', () => {
  test('is open on a verified primary without a marker', () => {
    expect(decideGate(primary).open).toBe(true);
  });

  test.each(['standby', 'starting', 'down'] as const)('closes at once on %s', (role) => {
    expect(decideGate({ ...primary, role, openNow: true }).open).toBe(false);
  });

  test.each(['fencing', 'fenced'] as const)('closes on a marker in state %s', (state) => {
    expect(decideGate({ ...primary, openNow: true, fence: known({ ...marker, state }) }).open).toBe(false);
  });

  test('closes where the marker cannot be read', () => {
    expect(decideGate({ ...primary, openNow: true, fence: unknown('x') }).open).toBe(false);
  });

  test('an unknown role holds an open gate for the time given and no longer', () => {
    const held = { ...primary, role: 'unknown', openNow: true } as const;
    expect(decideGate({ ...held, sincePrimaryMs: 8_000 }).open).toBe(true);
    expect(decideGate({ ...held, sincePrimaryMs: 8_001 }).open).toBe(false);
  });

  test('an unknown role never opens a closed gate, nor one that this agent never saw a primary behind', () => {
    expect(decideGate({ ...primary, role: 'unknown', openNow: false }).open).toBe(false);
    expect(decideGate({ ...primary, role: 'unknown', openNow: true, sincePrimaryMs: null }).open).toBe(false);
  });

  test('closes at once without the lease, whatever else is known', () => {
    const entitlement = { kind: 'none', reason: 'no lease' } as const;
    expect(decideGate({ ...primary, openNow: true, entitlement }).open).toBe(false);
    expect(decideGate({ ...primary, role: 'unknown', openNow: true, entitlement }).open).toBe(false);
  });

  test('stays shut until the epoch row of the lease is written', () => {
    const entitlement = { kind: 'entitled', epochWritten: false } as const;
    expect(decideGate({ ...primary, entitlement }).open).toBe(false);
  });

  test('goes by the role alone on a node that nobody handed over', () => {
    const entitlement = { kind: 'not-adopted' } as const;
    expect(decideGate({ ...primary, entitlement }).open).toBe(true);
    expect(decideGate({ ...primary, role: 'standby', entitlement }).open).toBe(false);
  });
});
