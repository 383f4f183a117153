/** What a count over a stretch of WAL is given and what it finds. */
import type { Lsn } from '../model/lsn.ts';
import type { BitSet } from './bit-set.ts';
import type { FileNode, WalRecord } from './wal-record.ts';

export interface CountOptions {
  /** Commits at this position or later count; records before it only tell what a transaction had touched by then. */
  readonly fork: Lsn;
  /** Files of heartbeat, epoch, marker and the relations in `account.ignore`, with their indexes and TOAST. */
  readonly ignored: ReadonlySet<FileNode>;
}

/** Rows changed by committed transactions, as often as they were changed. */
export interface ChangeCount {
  readonly inserts: number;
  readonly updates: number;
  readonly deletes: number;
}

export interface PreparedTransaction {
  readonly gid: string;
  readonly xid: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly isClient: boolean;
  readonly files: readonly FileNode[];
}

export interface TransactionCount {
  readonly transactions: number;
  readonly clientTransactions: number;
  /** Of clients' transactions, milliseconds since 1970; null where there is none. */
  readonly firstCommit: number | null;
  readonly lastCommit: number | null;
  /** Per file, ignored ones and catalogs too: only a catalog knows what they are. */
  readonly changes: ReadonlyMap<FileNode, ChangeCount>;
  /** Files that committed transactions made, and that they removed, as `database/filenode`. */
  readonly createdFiles: ReadonlySet<string>;
  readonly removedFiles: ReadonlySet<string>;
  /** Databases that committed transactions made, and that they removed, by number. */
  readonly createdDatabases: ReadonlySet<number>;
  readonly droppedDatabases: ReadonlySet<number>;
  /** Prepared after the fork and not ended. */
  readonly prepared: readonly PreparedTransaction[];
  /** Every transaction and subtransaction that was committed after the fork. */
  readonly committed: BitSet;
  /** Of them, those that may have begun before the first record that was read: what they did before it is not known. */
  readonly unseenBeginnings: number;
  /** The greatest id that the WAL before the fork has seen; null where there was none. Every greater one began after the fork. */
  readonly lastXidBefore: number | null;
  /** Logical messages: they are in no table. */
  readonly messages: number;
}

export interface TransactionCounter {
  readonly add: (record: WalRecord) => void;
  readonly result: () => TransactionCount;
}
