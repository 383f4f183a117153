/** Rows followed through short WALs: the last version, and where it came from. */
import { expect, test } from 'vitest';
import { createRowTracker, placeKey, type FileRows } from '../../../../src/core/divergence/track-rows.ts';
import type { FileNode, WalRecord } from '../../../../src/core/divergence/wal-record.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';

const NODE = '1663/5/7' as FileNode;
const record = (xid: number, description: string, manager = 'Heap'): WalRecord => ({
  lsn: 1n as Lsn,
  lengthBytes: 50,
  manager,
  xid,
  description,
});
const at = (block: number): string => `, blkref #0: rel ${NODE} blk ${block}`;
const insert = (offset: number, flags = '0x00'): string => `INSERT off ${offset} flags ${flags}${at(0)}`;
const update = (from: number, to: number): string =>
  `HOT_UPDATE off ${from} xmax 9 flags 0x20 ; new off ${to} xmax 0${at(0)}`;
const remove = (offset: number, flags = '0x00 KEYS_UPDATED '): string =>
  `DELETE off ${offset} flags ${flags}${at(0)}`;
const key = (offset: number, block = 0): number => placeKey({ block, offset });

function follow(descriptions: readonly (string | WalRecord)[], rowsMax = 100): FileRows | undefined {
  const tracker = createRowTracker({
    committed: { has: (xid) => xid !== 66 },
    wanted: new Set([NODE]),
    created: new Set(),
    rowsMax,
  });
  for (const it of descriptions) tracker.add(typeof it === 'string' ? record(10, it) : it);
  return tracker.files().get(NODE);
}

test('an updated row leads back to its place at the fork, however often it was updated', () => {
  expect([...(follow([update(1, 5), update(5, 6)])?.updated ?? [])]).toEqual([[key(6), key(1)]]);
});

test('an update into another block names both', () => {
  const moved = `UPDATE off 2 xmax 9 flags 0x00 ; new off 4 xmax 0, blkref #0: rel ${NODE} blk 8, blkref #1: rel ${NODE} blk 3`;
  const rows = follow([moved]);
  expect([...(rows?.updated ?? [])]).toEqual([[key(4, 8), key(2, 3)]]);
  expect([...(rows?.blocks.values() ?? [])]).toEqual([8]);
});

test('a row that was updated and deleted is deleted at its place of the fork', () => {
  expect(follow([update(1, 5), remove(5)])).toMatchObject({
    deleted: [{ origin: key(1), xid: 10 }],
    vanished: 0,
  });
});

test('a row that was inserted, updated and deleted leaves nothing', () => {
  expect(follow([insert(5), update(5, 6), remove(6)])).toMatchObject({ deleted: [], vanished: 1 });
});

test('rows of a fresh block by one record are inserted rows', () => {
  const many = record(10, `MULTI_INSERT+INIT 3 tuples flags 0x02${at(0)}`, 'Heap2');
  expect(follow([many, remove(2)])).toMatchObject({ deleted: [], vanished: 1 });
});

test('an insertion that took itself back, a rolled back change and a row lock are none', () => {
  const rows = follow([
    insert(5, '0x04'),
    remove(5, '0x08 '),
    'LOCK off 1: xid 10: flags 0x00 LOCK_ONLY EXCL_LOCK',
  ]);
  expect(rows).toMatchObject({ deleted: [], vanished: 0 });
  expect(follow([record(66, remove(1))])).toBeUndefined();
});

test('a place that is used again belongs to the new row', () => {
  const rows = follow([update(1, 5), insert(1), remove(1)]);
  expect([...(rows?.updated ?? [])]).toEqual([[key(5), key(1)]]);
  expect(rows?.deleted).toEqual([]);
});

const MANY_MORE = record(10, `MULTI_INSERT 3 tuples flags 0x02${at(0)}`, 'Heap2');

test('a place whose row of the fork is gone belongs to a row of a later record that does not tell its places', () => {
  const deleted = [{ origin: key(1), xid: 10 }];
  expect(follow([remove(1), MANY_MORE, remove(1)])).toMatchObject({ deleted, vanished: 1 });
  const rows = follow([remove(1), MANY_MORE, update(1, 5), update(5, 6)]);
  expect(rows).toMatchObject({ deleted, vanished: 0 });
  expect([...(rows?.updated ?? [])]).toEqual([]);
});

test('so does a place where only versions of after the fork have been', () => {
  expect(follow([insert(5), remove(5), MANY_MORE, remove(5)])).toMatchObject({ deleted: [], vanished: 2 });
  const rows = follow([update(1, 5), update(5, 6), MANY_MORE, remove(5)]);
  expect(rows).toMatchObject({ deleted: [], vanished: 1 });
  expect([...(rows?.updated ?? [])]).toEqual([[key(6), key(1)]]);
});

test('beyond the limit old versions are not followed, and that is counted', () => {
  const tracker = createRowTracker({
    committed: { has: () => true },
    wanted: new Set([NODE]),
    created: new Set(),
    rowsMax: 1,
  });
  for (const it of [update(1, 5), update(2, 6), update(3, 7)]) tracker.add(record(10, it));
  expect(tracker.untracked()).toBe(2);
});
