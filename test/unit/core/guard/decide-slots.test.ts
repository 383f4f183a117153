/** Only slots that a standby of this cluster used, or logical ones of a former primary, are taken for leftovers, and never one in use. */
import { expect, test } from 'vitest';
import {
  NO_SLOTS,
  type KnownStandby,
  slotsAsPrimary,
  unusedOnPrimary,
  unusedOnStandby,
} from '../../../../src/core/guard/decide-slots.ts';
import {
  describeLostSlot,
  lostSlots,
  type ReplicationSlot,
} from '../../../../src/core/model/replication-slot.ts';

const slot = (name: string, changes: Partial<ReplicationSlot> = {}): ReplicationSlot => ({
  name,
  type: 'physical',
  plugin: null,
  database: null,
  active: false,
  heldBytes: 0,
  confirmedLsn: null,
  usedBy: null,
  ...changes,
});
const logical = (name: string, changes: Partial<ReplicationSlot> = {}): ReplicationSlot =>
  slot(name, {
    type: 'logical',
    plugin: 'pgoutput',
    database: 'shop',
    confirmedLsn: '0/3000060',
    ...changes,
  });
const standbysWith = (slotOfTwo: string | null): readonly KnownStandby[] => [
  { node: 'pg2', addresses: ['192.0.2.12', '198.51.100.12'], slot: slotOfTwo },
  { node: 'pg3', addresses: ['192.0.2.13'], slot: null },
];
const used = slot('two', { active: true, usedBy: '192.0.2.12' });
/** A backup program on the standby's host. */
const backup = slot('backup', { active: true, usedBy: '192.0.2.12' });
const memory = slotsAsPrimary(NO_SLOTS, {
  slots: [used, backup, logical('orders')],
  streaming: ['192.0.2.12'],
  standbys: standbysWith('two'),
});
const names = (slots: readonly ReplicationSlot[]): readonly string[] => slots.map((it) => it.name);

test('a slot that a standby of this cluster uses is remembered, and forgotten once it is gone', () => {
  expect(memory).toEqual({ standbys: { two: 'pg2' }, logical: ['orders'] });
  const idle = { slots: [slot('two')], streaming: [], standbys: standbysWith('two') };
  expect(slotsAsPrimary(memory, idle)).toEqual({ standbys: { two: 'pg2' }, logical: [] });
  expect(slotsAsPrimary(memory, { ...idle, slots: [] })).toEqual(NO_SLOTS);
});

test.each([
  ['its standby streams again without one', [slot('two'), slot('backup')], ['198.51.100.12'], ['two']],
  ['its standby is away: it may come back with it', [slot('two')], [], []],
  ['another standby streams', [slot('two')], ['192.0.2.13'], []],
  ['it is in use', [used], ['192.0.2.12'], []],
])('on the primary, where %s', (_what, slots, streaming, dropped) => {
  const now = { slots, streaming, standbys: standbysWith(null) };
  expect(names(unusedOnPrimary(memory, now))).toEqual(dropped);
});

test('on the primary, where its standby streams by another slot, or was not seen, nothing is a leftover', () => {
  const now = { slots: [slot('two'), slot('new')], streaming: ['192.0.2.12'] };
  expect(unusedOnPrimary(memory, { ...now, standbys: standbysWith('new') })).toEqual([]);
  expect(unusedOnPrimary(memory, { ...now, standbys: [] })).toEqual([]);
});

test('on a standby that was the primary, what its standbys and its logical consumers used is a leftover, and nothing else', () => {
  const slots = [slot('two'), slot('backup'), logical('orders'), logical('made later'), slot('orders 2')];
  expect(names(unusedOnStandby(memory, slots))).toEqual(['two', 'orders']);
  expect(unusedOnStandby(memory, [used, logical('orders', { active: true })])).toEqual([]);
  expect(unusedOnStandby(NO_SLOTS, slots)).toEqual([]);
});

test('lost are the logical slots that are not here, each said with its position', () => {
  const lost = lostSlots('pg1', [used, logical('orders'), logical('kept')], [logical('kept')]);
  expect(lost.map(describeLostSlot)).toEqual([
    'logical slot orders (pgoutput, database shop) was on pg1 only, confirmed up to 0/3000060',
  ]);
});
