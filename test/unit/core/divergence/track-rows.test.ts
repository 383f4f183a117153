/** Rows followed through short WALs: the last version, and where it came from. */
import { expect, test } from 'vitest';
import { createRowTracker, placeKey, type FileRows } from '../../../../src/core/divergence/track-rows.ts';
import { MANAGER, type FileNode, type WalRecord } from '../../../../src/core/divergence/wal-record.ts';
import { insert, insertMany, remove, update, walRecord } from '../../../support/wal-records.ts';

const NODE = '1663/5/7' as FileNode;
const LOCK = 0x60;
const key = (offset: number, block = 0): number => placeKey({ block, offset });

function follow(records: readonly WalRecord[], rowsMax = 100): FileRows | undefined {
  const tracker = createRowTracker({
    committed: { has: (xid) => xid !== 66 },
    wanted: new Set([NODE]),
    created: new Set(),
    rowsMax,
  });
  for (const it of records) tracker.add(it);
  return tracker.files().get(NODE);
}

test('an updated row leads back to its place at the fork, however often it was updated', () => {
  expect([...(follow([update(1, 5), update(5, 6)])?.updated ?? [])]).toEqual([[key(6), key(1)]]);
});

test('an update into another block names both', () => {
  const rows = follow([update(2, 4, { block: 8, from: 3 })]);
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
  expect(follow([insertMany(3), remove(2)])).toMatchObject({ deleted: [], vanished: 1 });
});

test('an insertion that took itself back, a rolled back change and a row lock are none', () => {
  const rows = follow([
    insert(5),
    remove(5, 0x08),
    walRecord({ xid: 10, manager: MANAGER.heap, info: LOCK, blocks: [[NODE, 0]], data: new Uint8Array(8) }),
  ]);
  expect(rows).toMatchObject({ deleted: [], vanished: 0 });
  expect(follow([remove(1, 0, { xid: 66 })])).toBeUndefined();
});

test('a place that is used again belongs to the new row', () => {
  const rows = follow([update(1, 5), insert(1), remove(1)]);
  expect([...(rows?.updated ?? [])]).toEqual([[key(5), key(1)]]);
  expect(rows?.deleted).toEqual([]);
});

const MANY_MORE = insertMany(3, false);

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
  for (const it of [update(1, 5), update(2, 6), update(3, 7)]) tracker.add(it);
  expect(tracker.untracked()).toBe(2);
});
