/** Lines as pg_waldump 15 printed them. */
import { expect, test } from 'vitest';
import {
  createdRelation,
  nextXidOf,
  parseWalRecord,
  relationsOf,
} from '../../../../src/core/divergence/wal-record.ts';

const line = (manager: string, tx: number, description: string): string =>
  `rmgr: ${manager.padEnd(11)} len (rec/tot):     53/  2393, tx: ${String(tx).padStart(10)}, lsn: 0/01741998, prev 0/01741628, desc: ${description}`;

test('a record has its position, length, transaction and relations', () => {
  const record = parseWalRecord(
    line(
      'Btree',
      724,
      'NEWROOT lev 0, blkref #0: rel 1663/5/5002 blk 1, blkref #2: rel 1663/5/5003 fork vm blk 0 FPW',
    ),
  );
  expect(record).toMatchObject({ lsn: 0x1741998n, lengthBytes: 2393, manager: 'Btree', xid: 724 });
  expect(relationsOf(record)).toEqual(['1663/5/5002', '1663/5/5003']);
});

test('any other line is refused', () => {
  expect(() => parseWalRecord('something else')).toThrow('cannot read WAL record');
});

test('a new relation file is recognised in any tablespace', () => {
  expect(createdRelation(parseWalRecord(line('Storage', 1, 'CREATE base/5/16391')))).toBe('5/16391');
  expect(
    createdRelation(parseWalRecord(line('Storage', 1, 'CREATE pg_tblspc/16400/PG_15_202209061/5/16401'))),
  ).toBe('5/16401');
  expect(createdRelation(parseWalRecord(line('Heap', 1, 'INSERT off 1')))).toBeNull();
});

test('the next transaction id is believed only where none could be assigned meanwhile', () => {
  const running = 'RUNNING_XACTS nextXid 732 latestCompletedXid 731 oldestRunningXid 732';
  const shutdown =
    'CHECKPOINT_SHUTDOWN redo 0/1778758; tli 1; prev tli 1; fpw true; xid 0:740; oid 24576; shutdown';
  const online =
    'CHECKPOINT_ONLINE redo 0/1778720; tli 1; prev tli 1; fpw true; xid 0:732; oid 24576; online';
  expect(nextXidOf(parseWalRecord(line('Standby', 0, running)))).toBe(732);
  expect(nextXidOf(parseWalRecord(line('XLOG', 0, shutdown)))).toBe(740);
  expect(nextXidOf(parseWalRecord(line('XLOG', 0, online)))).toBeNull();
});
