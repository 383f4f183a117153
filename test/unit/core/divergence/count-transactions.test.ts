/** What counts as a transaction, and as a client's: each case is a short WAL. */
import { describe, expect, test } from 'vitest';
import { createTransactionCounter } from '../../../../src/core/divergence/count-transactions.ts';
import { MANAGER, type FileNode, type WalRecord } from '../../../../src/core/divergence/wal-record.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';
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

const FORK = 1000n as Lsn;
const HEARTBEAT = '1663/5/100' as FileNode;
const change = (lsn: number, xid: number, file: string): WalRecord => insert(1, { lsn, xid, file });
const ABORT = 0x20;
const COMMIT_PREPARED = 0x30;
const ABORT_PREPARED = 0x40;
const PRUNE = 0x10;
const INPLACE = 0x70;
const COPY_DATABASE = 0x00;
const CREATE_DATABASE = 0x10;
const DROP_DATABASE = 0x20;

const database = (info: number, lsn: number, xid: number, oid: number): WalRecord =>
  walRecord({ lsn, xid, manager: MANAGER.database, info, data: packed([4, oid], [4, 1663]) });

function count(records: readonly WalRecord[]): readonly [number, number] {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set([HEARTBEAT]) });
  for (const it of [running(100, 10), ...records]) counter.add(it);
  const { transactions, clientTransactions } = counter.result();
  return [transactions, clientTransactions];
}

describe('a committed transaction', () => {
  const cases: readonly [string, readonly WalRecord[], readonly [number, number]][] = [
    ['of a client counts as both', [change(1000, 10, '1663/5/7'), commit(1050, 10)], [1, 1]],
    ['of the heartbeat is no client’s', [change(1000, 10, HEARTBEAT), commit(1050, 10)], [1, 0]],
    [
      'that touches both is a client’s',
      [change(1000, 10, HEARTBEAT), change(1010, 10, '1663/5/7'), commit(1050, 10)],
      [1, 1],
    ],
    [
      'of an automatic ANALYZE is no client’s',
      [change(1000, 10, '1663/5/2619'), change(1010, 10, '1663/5/2696'), commit(1050, 10)],
      [1, 0],
    ],
    ['before the fork does not count', [change(900, 10, '1663/5/7'), commit(999, 10)], [0, 0]],
    ['exactly at the fork counts', [change(900, 10, '1663/5/7'), commit(1000, 10)], [1, 1]],
    [
      'that changed something before the fork and ended after it counts',
      [change(900, 10, '1663/5/7'), change(1010, 10, HEARTBEAT), commit(1050, 10)],
      [1, 1],
    ],
    [
      'that began before the first record seen counts as a client’s',
      [change(1010, 9, HEARTBEAT), commit(1050, 9)],
      [1, 1],
    ],
    [
      'with a client’s subtransaction is a client’s, once',
      [
        change(1000, 10, HEARTBEAT),
        change(1010, 11, '1663/5/7'),
        commit(1050, 10, { subtransactions: [11, 12], invalidations: 1 }),
      ],
      [1, 1],
    ],
    [
      'that only cleaned up in passing is no client’s',
      [
        walRecord({ lsn: 1000, xid: 10, manager: MANAGER.heap2, info: PRUNE, blocks: [['1663/5/7', 0]] }),
        walRecord({ lsn: 1010, xid: 10, manager: MANAGER.heap, info: INPLACE, blocks: [['1663/5/1259', 0]] }),
        change(1020, 10, HEARTBEAT),
        commit(1050, 10),
      ],
      [1, 0],
    ],
    [
      'that sent a logical message is a client’s',
      [walRecord({ lsn: 1000, xid: 10, manager: MANAGER.logicalMessage }), commit(1050, 10)],
      [1, 1],
    ],
  ];
  test.each(cases)('%s', (_title, records, expected) => {
    expect(count(records)).toEqual(expected);
  });
});

describe('other ends', () => {
  const cases: readonly [string, readonly WalRecord[], readonly [number, number]][] = [
    [
      'a rolled back transaction does not count',
      [change(1000, 10, '1663/5/7'), end(ABORT, 1050, 10)],
      [0, 0],
    ],
    ['an open transaction does not count', [change(1000, 10, '1663/5/7')], [0, 0]],
    [
      'a prepared transaction was promised and counts',
      [change(1000, 10, '1663/5/7'), prepare(1050, 10, 'foo')],
      [1, 1],
    ],
    [
      'prepared and committed counts once',
      [
        change(1000, 10, '1663/5/7'),
        prepare(1050, 10, 'foo'),
        end(COMMIT_PREPARED, 1060, 0, { prepared: 10 }),
      ],
      [1, 1],
    ],
    [
      'prepared and rolled back does not count',
      [
        change(1000, 10, '1663/5/7'),
        prepare(1050, 10, 'foo'),
        end(ABORT_PREPARED, 1060, 0, { prepared: 10 }),
      ],
      [0, 0],
    ],
    [
      'prepared before the fork and committed after it counts',
      [change(800, 10, '1663/5/7'), prepare(900, 10, 'foo'), end(COMMIT_PREPARED, 1060, 0, { prepared: 10 })],
      [1, 1],
    ],
  ];
  test.each(cases)('%s', (_title, records, expected) => {
    expect(count(records)).toEqual(expected);
  });
});

test('a file that was made anew after the fork is not the heartbeat, whatever its number', () => {
  const created = create(1000, 10, '1663/5/100');
  expect(count([created, change(1010, 10, HEARTBEAT), commit(1050, 10)])).toEqual([1, 1]);
});

test('without any list of running transactions every commit counts as a client’s', () => {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set([HEARTBEAT]) });
  counter.add(change(1000, 10, HEARTBEAT));
  counter.add(commit(1050, 10));
  expect(counter.result()).toMatchObject({ transactions: 1, clientTransactions: 1 });
});

test('databases that were made or removed are known by number, where the transaction was committed', () => {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set() });
  for (const it of [
    running(100, 10),
    database(CREATE_DATABASE, 1000, 10, 16500),
    commit(1010, 10),
    database(COPY_DATABASE, 1020, 11, 16501),
    commit(1030, 11),
    database(DROP_DATABASE, 1040, 12, 16400),
    commit(1050, 12),
    database(CREATE_DATABASE, 1060, 13, 16502),
    end(ABORT, 1070, 13),
  ])
    counter.add(it);
  const { createdDatabases, droppedDatabases } = counter.result();
  expect([...createdDatabases]).toEqual([16500, 16501]);
  expect([...droppedDatabases]).toEqual([16400]);
});
