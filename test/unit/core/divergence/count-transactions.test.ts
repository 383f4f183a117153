/** What counts as a transaction, and as a client's: each case is a short WAL. */
import { describe, expect, test } from 'vitest';
import { createTransactionCounter } from '../../../../src/core/divergence/count-transactions.ts';
import type { FileNode, WalRecord } from '../../../../src/core/divergence/wal-record.ts';
import type { Lsn } from '../../../../src/core/model/lsn.ts';

const FORK = 1000n as Lsn;
const HEARTBEAT = '1663/5/100' as FileNode;
const record = (lsn: number, manager: string, xid: number, description: string): WalRecord => ({
  lsn: BigInt(lsn) as Lsn,
  lengthBytes: 50,
  manager,
  xid,
  description,
});
const nextXid = (lsn: number, xid: number): WalRecord =>
  record(lsn, 'Standby', 0, `RUNNING_XACTS nextXid ${xid} x`);
const change = (lsn: number, xid: number, node: string): WalRecord =>
  record(lsn, 'Heap', xid, `INSERT off 1 flags 0x00, blkref #0: rel ${node} blk 0`);
const end = (lsn: number, xid: number, words: string): WalRecord => record(lsn, 'Transaction', xid, words);
const COMMIT = 'COMMIT 2026-11-21 12:07:19.090714 UTC';

function count(records: readonly WalRecord[]): readonly [number, number] {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set([HEARTBEAT]) });
  for (const it of [nextXid(100, 10), ...records]) counter.add(it);
  const { transactions, clientTransactions } = counter.result();
  return [transactions, clientTransactions];
}

describe('a committed transaction', () => {
  const cases: readonly [string, readonly WalRecord[], readonly [number, number]][] = [
    ['of a client counts as both', [change(1000, 10, '1663/5/7'), end(1050, 10, COMMIT)], [1, 1]],
    ['of the heartbeat is no client’s', [change(1000, 10, HEARTBEAT), end(1050, 10, COMMIT)], [1, 0]],
    [
      'that touches both is a client’s',
      [change(1000, 10, HEARTBEAT), change(1010, 10, '1663/5/7'), end(1050, 10, COMMIT)],
      [1, 1],
    ],
    [
      'of an automatic ANALYZE is no client’s',
      [change(1000, 10, '1663/5/2619'), change(1010, 10, '1663/5/2696'), end(1050, 10, COMMIT)],
      [1, 0],
    ],
    ['before the fork does not count', [change(900, 10, '1663/5/7'), end(999, 10, COMMIT)], [0, 0]],
    ['exactly at the fork counts', [change(900, 10, '1663/5/7'), end(1000, 10, COMMIT)], [1, 1]],
    [
      'that changed something before the fork and ended after it counts',
      [change(900, 10, '1663/5/7'), change(1010, 10, HEARTBEAT), end(1050, 10, COMMIT)],
      [1, 1],
    ],
    [
      'that began before the first record seen counts as a client’s',
      [change(1010, 9, HEARTBEAT), end(1050, 9, COMMIT)],
      [1, 1],
    ],
    [
      'with a client’s subtransaction is a client’s, once',
      [
        change(1000, 10, HEARTBEAT),
        change(1010, 11, '1663/5/7'),
        end(1050, 10, `${COMMIT}; subxacts: 11 12; inval msgs: relcache 5`),
      ],
      [1, 1],
    ],
    [
      'that only cleaned up in passing is no client’s',
      [
        record(
          1000,
          'Heap2',
          10,
          'PRUNE latestRemovedXid 9 nredirected 0 ndead 1, blkref #0: rel 1663/5/7 blk 0',
        ),
        record(1010, 'Heap', 10, 'INPLACE off 3, blkref #0: rel 1663/5/1259 blk 0'),
        change(1020, 10, HEARTBEAT),
        end(1050, 10, COMMIT),
      ],
      [1, 0],
    ],
    [
      'that sent a logical message is a client’s',
      [record(1000, 'LogicalMessage', 10, 'MESSAGE transactional, prefix "a"'), end(1050, 10, COMMIT)],
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
      [change(1000, 10, '1663/5/7'), end(1050, 10, 'ABORT 2026-11-21 12:07:19 UTC')],
      [0, 0],
    ],
    ['an open transaction does not count', [change(1000, 10, '1663/5/7')], [0, 0]],
    [
      'a prepared transaction was promised and counts',
      [change(1000, 10, '1663/5/7'), end(1050, 10, 'PREPARE gid foo: 2026')],
      [1, 1],
    ],
    [
      'prepared and committed counts once',
      [
        change(1000, 10, '1663/5/7'),
        end(1050, 10, 'PREPARE gid foo: 2026'),
        end(1060, 0, 'COMMIT_PREPARED 10: 2026'),
      ],
      [1, 1],
    ],
    [
      'prepared and rolled back does not count',
      [
        change(1000, 10, '1663/5/7'),
        end(1050, 10, 'PREPARE gid foo: 2026'),
        end(1060, 0, 'ABORT_PREPARED 10: 2026'),
      ],
      [0, 0],
    ],
    [
      'prepared before the fork and committed after it counts',
      [
        change(800, 10, '1663/5/7'),
        end(900, 10, 'PREPARE gid foo: 2026'),
        end(1060, 0, 'COMMIT_PREPARED 10: 2026'),
      ],
      [1, 1],
    ],
  ];
  test.each(cases)('%s', (_title, records, expected) => {
    expect(count(records)).toEqual(expected);
  });
});

test('a file that was made anew after the fork is not the heartbeat, whatever its number', () => {
  const created = record(1000, 'Storage', 10, 'CREATE base/5/100');
  expect(count([created, change(1010, 10, HEARTBEAT), end(1050, 10, COMMIT)])).toEqual([1, 1]);
});

test('without any list of running transactions every commit counts as a client’s', () => {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set([HEARTBEAT]) });
  counter.add(change(1000, 10, HEARTBEAT));
  counter.add(end(1050, 10, COMMIT));
  expect(counter.result()).toMatchObject({ transactions: 1, clientTransactions: 1 });
});

test('databases that were made or removed are known by number, where the transaction was committed', () => {
  const counter = createTransactionCounter({ fork: FORK, ignored: new Set() });
  for (const it of [
    nextXid(100, 10),
    record(1000, 'Database', 10, 'CREATE_WAL_LOG create dir 1663/16500'),
    end(1010, 10, COMMIT),
    record(1020, 'Database', 11, 'CREATE_FILE_COPY copy dir 1663/1 to 1663/16501'),
    end(1030, 11, COMMIT),
    record(1040, 'Database', 12, 'DROP dir 1663/16400'),
    end(1050, 12, COMMIT),
    record(1060, 'Database', 13, 'CREATE_WAL_LOG create dir 1663/16502'),
    end(1070, 13, 'ABORT 2026-11-21 12:07:19.090714 UTC'),
  ])
    counter.add(it);
  const { createdDatabases, droppedDatabases } = counter.result();
  expect([...createdDatabases]).toEqual([16500, 16501]);
  expect([...droppedDatabases]).toEqual([16400]);
});
