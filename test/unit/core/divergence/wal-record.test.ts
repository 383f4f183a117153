/** Records read from their bytes: lengths, blocks, data, ends of transactions, and what single records tell. */
import { expect, test } from 'vitest';
import { heapChangeOf } from '../../../../src/core/divergence/heap-change.ts';
import { transactionEndOf } from '../../../../src/core/divergence/transaction-end.ts';
import { MANAGER } from '../../../../src/core/divergence/wal-record.ts';
import {
  createdRelation,
  nextXidOf,
  oldestRunningXidOf,
} from '../../../../src/core/divergence/xlog-facts.ts';
import {
  commit,
  create,
  end,
  insert,
  packed,
  prepare,
  running,
  walRecord,
} from '../../../support/wal-records.ts';

test('a record has its position, length, transaction, blocks and data', () => {
  const blocks = [
    ['1663/5/5002', 1],
    ['1663/5/5003', 7],
  ] as const;
  const record = walRecord({ lsn: 0x1741998, xid: 724, manager: 11, blocks, data: packed([2, 513]) });
  expect(record).toMatchObject({ lsn: 0x1741998n, lengthBytes: 24 + 2 * 20 + 2 + 2, manager: 11, xid: 724 });
  expect(record.blocks).toEqual([
    { id: 0, file: '1663/5/5002', block: 1 },
    { id: 1, file: '1663/5/5003', block: 7 },
  ]);
  expect(record.view.getUint16(record.dataBegin, true)).toBe(513);
});

test('data longer than 255 bytes is found', () => {
  const data = new Uint8Array(300).fill(9);
  const record = walRecord({ manager: MANAGER.logicalMessage, data });
  expect(record.dataEnd - record.dataBegin).toBe(300);
  expect(record.view.getUint8(record.dataBegin)).toBe(9);
});

test('a commit with everything in it: subtransactions and files, behind what is not asked for', () => {
  const parts = { subtransactions: [11, 12], files: ['5/16391'], statistics: 2, invalidations: 3 };
  expect(transactionEndOf(commit(1, 10, parts))).toEqual({
    kind: 'commit',
    top: 10,
    xids: [10, 11, 12],
    at: Date.parse('2026-11-21T12:07:19.090Z'),
    gid: '',
    removedFiles: ['5/16391'],
  });
  expect(transactionEndOf(end(0x30, 1, 0, { ...parts, prepared: 10 }))).toMatchObject({
    kind: 'commit',
    top: 10,
    xids: [10, 11, 12],
  });
});

test('a prepared transaction has its name, whatever is in it, and its subtransactions', () => {
  const gid = 'é; subxacts: 1\n';
  expect(transactionEndOf(prepare(1, 10, gid, [11]))).toMatchObject({
    kind: 'prepare',
    top: 10,
    xids: [10, 11],
    gid,
  });
});

test('what assigns or invalidates ends no transaction', () => {
  const data = new Uint8Array(16);
  expect(transactionEndOf(walRecord({ manager: MANAGER.transaction, info: 0x50, data }))).toBeNull();
  expect(transactionEndOf(insert(1))).toBeNull();
});

test('a new relation file is recognised in any tablespace', () => {
  expect(createdRelation(create(1, 1, '1663/5/16391'))).toBe('5/16391');
  expect(createdRelation(create(1, 1, '16400/5/16401'))).toBe('5/16401');
  expect(createdRelation(create(1, 1, '1663/5/16391', 2))).toBeNull();
  expect(createdRelation(create(1, 1, '1664/0/16391'))).toBeNull();
  expect(createdRelation(insert(1))).toBeNull();
});

test('the next transaction id is believed only where none could be assigned meanwhile', () => {
  const checkpoint = packed([8, 0], [4, 1], [4, 1], [8, 1], [8, 740], [4, 24_576]);
  expect(nextXidOf(running(1, 732, 730))).toBe(732);
  expect(oldestRunningXidOf(running(1, 732, 730))).toBe(730);
  expect(nextXidOf(walRecord({ manager: MANAGER.xlog, info: 0x00, data: checkpoint }))).toBe(740);
  expect(nextXidOf(walRecord({ manager: MANAGER.xlog, info: 0x10, data: checkpoint }))).toBeNull();
});

test('a record of the heap that changes no row is no change', () => {
  const lock = walRecord({
    manager: MANAGER.heap,
    info: 0x60,
    blocks: [['1663/5/7', 0]],
    data: packed([8, 1]),
  });
  expect(heapChangeOf(lock)).toBeNull();
});
