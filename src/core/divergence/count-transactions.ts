/** Counts what a stretch of WAL committed after the fork, and how much of it was anything but our own writes. Sees each record once. */
import type { Lsn } from '../model/lsn.ts';
import { createdRelation, nextXidOf, relationsOf, type FileNode, type WalRecord } from './wal-record.ts';

export interface CountOptions {
  /** Commits at this position or later count; records before it only tell what a transaction had touched by then. */
  readonly fork: Lsn;
  /** Files of heartbeat, epoch, marker and the relations in `account.ignore`, with their indexes and TOAST. */
  readonly ignored: ReadonlySet<FileNode>;
}

export interface TransactionCount {
  readonly transactions: number;
  readonly clientTransactions: number;
}

export interface TransactionCounter {
  readonly add: (record: WalRecord) => void;
  readonly result: () => TransactionCount;
}

/** True for each transaction that has not ended and changed something of a client. */
type OpenTransactions = Map<number, boolean>;

/** pg_statistic and pg_statistic_ext_data with their indexes and TOAST: what an automatic ANALYZE writes. */
const STATISTICS = new Set(['2619', '2696', '2840', '2841', '3429', '3430', '3431', '3433']);

/** Changes that undo or reorganise nothing a client wrote: clean-up on the way, hints, full pages, locks. */
const HOUSEKEEPING: Readonly<Record<string, RegExp>> = {
  XLOG: /^/,
  Standby: /^/,
  Storage: /^/,
  Heap: /^INPLACE /,
  Heap2: /^(PRUNE|VACUUM|FREEZE_PAGE|VISIBLE) /,
};

/** Starts a count. Feed it every record from well before the fork to the end, in order. */
export function createTransactionCounter(options: CountOptions): TransactionCounter {
  const ignored = new Set<string>(options.ignored);
  const open: OpenTransactions = new Map();
  /** Prepared after the fork and not ended yet: their clients were promised that they will not be lost. */
  const prepared = new Map<number, readonly number[]>();
  let firstWholeXid: number | null = null;
  let transactions = 0;
  let clientTransactions = 0;

  /** A transaction that may have begun before the first record seen could have touched anything: it counts. */
  const isClient = (xids: readonly number[]): boolean =>
    xids.some((xid) => open.get(xid) === true || firstWholeXid === null || precedes(xid, firstWholeXid));

  const settle = (end: End, lsn: Lsn): void => {
    if (end.kind === 'prepare') {
      if (lsn >= options.fork) prepared.set(end.top, end.xids);
      return;
    }
    if (end.kind === 'commit' && lsn >= options.fork) {
      transactions += 1;
      if (isClient(end.xids)) clientTransactions += 1;
    }
    prepared.delete(end.top);
    for (const xid of end.xids) open.delete(xid);
  };

  return {
    add: (record) => {
      firstWholeXid ??= nextXidOf(record);
      const created = record.lsn >= options.fork ? createdRelation(record) : null;
      if (created !== null) forget(ignored, created);
      const end = record.manager === 'Transaction' ? endOf(record) : null;
      if (end !== null) settle(end, record.lsn);
      else if (record.xid !== 0 && touchesClient(record, ignored)) open.set(record.xid, true);
    },
    result: () => ({
      transactions: transactions + prepared.size,
      clientTransactions: clientTransactions + [...prepared.values()].filter((xids) => isClient(xids)).length,
    }),
  };
}

/** A file made anew after the fork only shares its number with what the survivor calls heartbeat. */
function forget(ignored: Set<string>, created: string): void {
  for (const node of ignored) if (node.endsWith(`/${created}`)) ignored.delete(node);
}

function touchesClient(record: WalRecord, ignored: ReadonlySet<string>): boolean {
  if (HOUSEKEEPING[record.manager]?.test(record.description) === true) return false;
  if (record.manager === 'LogicalMessage') return true;
  return relationsOf(record).some(
    (node) => !ignored.has(node) && !STATISTICS.has(node.slice(node.lastIndexOf('/') + 1)),
  );
}

interface End {
  readonly kind: 'commit' | 'abort' | 'prepare';
  readonly top: number;
  /** The transaction and its subtransactions. */
  readonly xids: readonly number[];
}

/** How a transaction record ends or prepares a transaction; null for a record that does neither. */
function endOf(record: WalRecord): End | null {
  const match = /^(COMMIT|ABORT|PREPARE)(?:_PREPARED (\d+):)? /.exec(record.description);
  if (match === null) return null;
  const [, word, prepared] = match;
  const subtransactions = /; subxacts: ([\d ]+)/.exec(record.description)?.[1] ?? '';
  const top = prepared === undefined ? record.xid : Number(prepared);
  const kind = word === 'COMMIT' ? 'commit' : word === 'ABORT' ? 'abort' : 'prepare';
  return { kind, top, xids: [top, ...subtransactions.split(' ').filter(Boolean).map(Number)] };
}

/** Order of transaction ids, which wrap around at 2^32 (PostgreSQL `TransactionIdPrecedes`). */
function precedes(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
