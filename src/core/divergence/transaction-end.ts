/** How a transaction's record in the WAL ends or prepares it (`xact.h`). */
import { align } from './wal-bytes.ts';
import { FILE_BYTES, MANAGER, type WalRecord } from './wal-record.ts';

export interface TransactionEnd {
  readonly kind: 'commit' | 'abort' | 'prepare';
  readonly top: number;
  /** The transaction and its subtransactions; of a commit only those that were not rolled back. */
  readonly xids: readonly number[];
  /** Milliseconds since 1970. */
  readonly at: number;
  /** The name a prepared transaction was given; empty for others. */
  readonly gid: string;
  /** Files of relations that end with it, as `database/filenode`: of dropped, truncated and rewritten relations. */
  readonly removedFiles: readonly string[];
}

const OPERATION = 0x70;
const KINDS: Readonly<Record<number, TransactionEnd['kind']>> = {
  0x00: 'commit',
  0x10: 'prepare',
  0x20: 'abort',
  // Of a prepared transaction: the record carries its id, and belongs to none itself.
  0x30: 'commit',
  0x40: 'abort',
};
const PREPARED = new Set([0x30, 0x40]);

/** There is more than the moment. */
const HAS_INFO = 0x80;
/** Parts of a commit, in this order. */
const DATABASE = 0x1;
const SUBTRANSACTIONS = 0x2;
const FILES = 0x4;
const DROPPED_STATISTICS = 0x100;
const INVALIDATIONS = 0x8;
const INVALIDATION_BYTES = 16;

/** Null for a record that neither ends nor prepares a transaction. */
export function transactionEndOf(record: WalRecord): TransactionEnd | null {
  if (record.manager !== MANAGER.transaction) return null;
  const operation = record.info & OPERATION;
  const kind = KINDS[operation];
  if (kind === undefined) return null;
  if (kind === 'prepare') return prepareOf(record);
  const { view, dataBegin, xid } = record;
  const at = momentAt(view, dataBegin);
  if ((record.info & HAS_INFO) === 0) return { kind, top: xid, xids: [xid], at, gid: '', removedFiles: [] };
  const { subtransactions, removedFiles, behind } = partsOf(record);
  const top = PREPARED.has(operation) ? view.getUint32(behind, true) : xid;
  return { kind, top, xids: [top, ...subtransactions], at, gid: '', removedFiles };
}

interface Parts {
  readonly subtransactions: readonly number[];
  readonly removedFiles: readonly string[];
  /** Where the id of a prepared transaction stands. */
  readonly behind: number;
}

function partsOf({ view, dataBegin, statisticsBytes }: WalRecord): Parts {
  const has = view.getUint32(dataBegin + 8, true);
  let at = dataBegin + 12;
  const listed = (part: number, bytes: number): readonly number[] => {
    if ((has & part) === 0) return [];
    const begin = at + 4;
    const count = view.getUint32(at, true);
    at = begin + count * bytes;
    return Array.from({ length: count }, (_, index) => begin + index * bytes);
  };
  if ((has & DATABASE) !== 0) at += 8;
  const subtransactions = listed(SUBTRANSACTIONS, 4).map((place) => view.getUint32(place, true));
  const removedFiles = listed(FILES, FILE_BYTES).map((place) => fileAt(view, place));
  listed(DROPPED_STATISTICS, statisticsBytes);
  listed(INVALIDATIONS, INVALIDATION_BYTES);
  return { subtransactions, removedFiles, behind: at };
}

function fileAt(view: DataView, at: number): string {
  return `${view.getUint32(at + 4, true)}/${view.getUint32(at + 8, true)}`;
}

/** xl_xact_prepare: the name and the subtransactions follow it. */
const PREPARE_BYTES = 72;

function prepareOf({ view, dataBegin, xid }: WalRecord): TransactionEnd {
  const count = view.getUint32(dataBegin + 28, true);
  // With a zero at its end.
  const gidBytes = view.getUint16(dataBegin + 54, true);
  const name = dataBegin + PREPARE_BYTES;
  const first = name + align(gidBytes);
  return {
    kind: 'prepare',
    top: xid,
    xids: [xid, ...Array.from({ length: count }, (_, index) => view.getUint32(first + index * 4, true))],
    at: momentAt(view, dataBegin + 16),
    gid: new TextDecoder().decode(new Uint8Array(view.buffer, view.byteOffset + name, gidBytes - 1)),
    removedFiles: [],
  };
}

/** From 1970 to 2000, with which PostgreSQL's time begins. */
const EPOCH_MS = 946_684_800_000;

function momentAt(view: DataView, at: number): number {
  return Math.floor(Number(view.getBigInt64(at, true)) / 1_000) + EPOCH_MS;
}
