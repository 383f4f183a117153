/** One line of `pg_waldump`, read: who wrote it, where, and which relations it changed. */
import { parseLsn, type Lsn } from '../model/lsn.ts';
import { PrimacyError } from '../model/primacy-error.ts';

export interface WalRecord {
  readonly lsn: Lsn;
  /** Bytes of record data, page headers not counted. */
  readonly lengthBytes: number;
  readonly manager: string;
  /** 0 = no transaction. */
  readonly xid: number;
  readonly description: string;
}

/** A relation's file as the WAL names it: `tablespace/database/filenode`. */
export type FileNode = string & { readonly __brand: 'FileNode' };

const HEAD = 'rmgr: ';
const LENGTH = ' len (rec/tot): ';
const TRANSACTION = ', tx: ';
const POSITION = ', lsn: ';
const PREVIOUS = ', prev ';
const DESCRIPTION = ', desc: ';
const RELATION = /blkref #\d+: rel (\d+\/\d+\/\d+) /g;

/**
 * Reads a line. Throws `output-invalid` on any other text: a line that is skipped could be a lost transaction. Searching for the fixed
 * words is several times as fast as an expression over the line, and position and length, which few ask for, are read when they are.
 */
export function parseWalRecord(line: string): WalRecord {
  const length = line.indexOf(LENGTH, HEAD.length);
  const transaction = line.indexOf(TRANSACTION, length);
  const position = line.indexOf(POSITION, transaction);
  const previous = line.indexOf(PREVIOUS, position);
  const description = line.indexOf(DESCRIPTION, previous);
  const ordered = 0 < length && length < transaction && transaction < position && position < previous;
  const xid = Number(line.slice(transaction + TRANSACTION.length, position));
  if (!line.startsWith(HEAD) || !ordered || description < previous || !Number.isInteger(xid))
    throw new PrimacyError('output-invalid', `cannot read WAL record: ${JSON.stringify(line.slice(0, 200))}`);
  return {
    manager: line.slice(HEAD.length, length).trimEnd(),
    xid,
    description: line.slice(description + DESCRIPTION.length),
    get lsn() {
      return parseLsn(line.slice(position + POSITION.length, previous));
    },
    get lengthBytes() {
      return totalLength(line, length + LENGTH.length, transaction);
    },
  };
}

/** The second number of `rec/tot`. */
function totalLength(line: string, begin: number, end: number): number {
  const total = Number(line.slice(line.indexOf('/', begin) + 1, end));
  if (Number.isInteger(total)) return total;
  throw new PrimacyError('output-invalid', `cannot read WAL record: ${JSON.stringify(line.slice(0, 200))}`);
}

/** The relations whose blocks the record refers to. */
export function relationsOf(record: WalRecord): readonly FileNode[] {
  return [...`${record.description} `.matchAll(RELATION)].map((match) => match[1] as FileNode);
}

/** The relation that a storage record makes anew, as `database/filenode`; null for any other record. */
export function createdRelation(record: WalRecord): string | null {
  if (record.manager !== 'Storage') return null;
  const match = /^CREATE (?:base|pg_tblspc\/\d+\/[^/]+)\/(\d+\/\d+)$/.exec(record.description.trim());
  return match?.[1] ?? null;
}

/** The database that a record makes or removes; null for any other record. A database that spans tablespaces is still one. */
export function databaseChangeOf(
  record: WalRecord,
): { readonly oid: number; readonly what: 'created' | 'dropped' } | null {
  if (record.manager !== 'Database') return null;
  const match = /^(?:CREATE_\w+ (?:create dir|copy dir \S+ to)|DROP dir) \d+\/(\d+)/.exec(record.description);
  if (match === null) return null;
  return { oid: Number(match[1]), what: record.description.startsWith('DROP') ? 'dropped' : 'created' };
}

/**
 * The next transaction id at the moment of this record, where it says so: every id from it on began after the record.
 * Only records that are written while no id can be assigned are believed: a list of running transactions (PostgreSQL holds
 * XidGenLock meanwhile) and a shutdown checkpoint. An online checkpoint's number belongs to its earlier redo position.
 */
export function nextXidOf(record: WalRecord): number | null {
  const isStandby = record.manager === 'Standby';
  if (!isStandby && record.manager !== 'XLOG') return null;
  const running = isStandby ? /^RUNNING_XACTS nextXid (\d+)/ : /^CHECKPOINT_SHUTDOWN .*; xid \d+:(\d+);/;
  const match = running.exec(record.description);
  return match === null ? null : Number(match[1]);
}

/** The oldest transaction that still ran at this record, where it lists them: every older one has ended. */
export function oldestRunningXidOf(record: WalRecord): number | null {
  if (record.manager !== 'Standby') return null;
  const match = /^RUNNING_XACTS .*oldestRunningXid (\d+)/.exec(record.description);
  return match === null ? null : Number(match[1]);
}

/** Order of transaction ids, which wrap around at 2^32 (PostgreSQL `TransactionIdPrecedes`). */
export function precedes(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
