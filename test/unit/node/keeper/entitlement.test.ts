/** What the gate is told of the lease, also by an agent that was restarted in the middle of one. */
import { expect, test } from 'vitest';
import { known, unknown, type Known } from '../../../../src/core/model/known.ts';
import type { LeaseId } from '../../../../src/core/lease/lease.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { LeaseEntitlement } from '../../../../src/node/keeper/entitlement.ts';
import { bootMillis } from '../../../../src/world/clock.ts';
import type { Adoption } from '../../../../src/world/files/adoption.ts';

const LEASE: LeaseId = { epoch: 4, uuid: 'four', holder: 'pg1' as NodeName };
const ADOPTED = known({} as Adoption);

function entitlement(held: LeaseId | null, adoption: Known<Adoption | null> = ADOPTED): LeaseEntitlement {
  const until = held === null ? null : bootMillis() + 60_000;
  const lease = { entitledUntil: () => until, held: () => held };
  return new LeaseEntitlement(lease, () => ({ adoption, adoptedSince: null }));
}

test('a lease counts once its epoch row was seen committed', () => {
  const it = entitlement(LEASE);
  expect(it.now()).toEqual({ kind: 'entitled', epochWritten: false });
  it.confirm('three');
  expect(it.now()).toEqual({ kind: 'entitled', epochWritten: false });
  it.confirm('four');
  expect(it.now()).toEqual({ kind: 'entitled', epochWritten: true });
});

test('an agent that was restarted behind an open gate goes on: the VIP stays', () => {
  const it = entitlement(LEASE);
  it.inherit(true);
  expect(it.now()).toEqual({ kind: 'entitled', epochWritten: true });
});

test('behind a closed gate it writes the row first', () => {
  const it = entitlement(LEASE);
  it.inherit(false);
  expect(it.now()).toEqual({ kind: 'entitled', epochWritten: false });
});

test('an open gate proves nothing without a lease', () => {
  const it = entitlement(null);
  it.inherit(true);
  expect(it.now()).toMatchObject({ kind: 'none' });
  expect(it.confirmed).toBeNull();
});

test('whether it was adopted must be known', () => {
  expect(entitlement(LEASE, unknown('unreadable')).now()).toMatchObject({ kind: 'none' });
  expect(entitlement(LEASE, known(null)).now()).toEqual({ kind: 'not-adopted' });
});
