/** How a transaction's record in the WAL ends or prepares it (xactdesc.c of PostgreSQL 15). */
import type { WalRecord } from './wal-record.ts';

export interface TransactionEnd {
  readonly kind: 'commit' | 'abort' | 'prepare';
  readonly top: number;
  /** The transaction and its subtransactions; of a commit only those that were not rolled back. */
  readonly xids: readonly number[];
  /** UTC, `YYYY-MM-DD HH:MM:SS.ssssss`, which sorts as text. */
  readonly at: string;
  /** The name a prepared transaction was given; empty for others. */
  readonly gid: string;
  /** Files of relations that end with it, as `database/filenode`: of dropped, truncated and rewritten relations. */
  readonly removedFiles: readonly string[];
}

const END = /^(COMMIT|ABORT|PREPARE)(?:_PREPARED (\d+):)? /;
const MOMENT = /(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) /;
const PREPARED = /^PREPARE gid ([^]*): \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ /;
const SUBTRANSACTIONS = /; subxacts: ([\d ]+)/;
const FILES = /; rels: ([^;]+)/;

/** Null for a record that neither ends nor prepares a transaction. */
export function transactionEndOf(record: WalRecord): TransactionEnd | null {
  if (record.manager !== 'Transaction') return null;
  const { description } = record;
  const match = END.exec(description);
  if (match === null) return null;
  const [, word, prepared] = match;
  const gid = word === 'PREPARE' ? (PREPARED.exec(description)?.[1] ?? '') : '';
  // A name may hold anything, also words that look like a list.
  const rest = gid === '' ? description : description.slice(`PREPARE gid ${gid}`.length);
  const top = prepared === undefined ? record.xid : Number(prepared);
  const kind = word === 'COMMIT' ? 'commit' : word === 'ABORT' ? 'abort' : 'prepare';
  const lists = rest.includes(';');
  const subtransactions = lists ? (SUBTRANSACTIONS.exec(rest)?.[1] ?? '') : '';
  return {
    kind,
    top,
    xids: subtransactions === '' ? [top] : [top, ...subtransactions.trim().split(' ').map(Number)],
    at: MOMENT.exec(rest)?.[1] ?? '',
    gid,
    removedFiles: lists ? filesIn(FILES.exec(rest)?.[1] ?? '') : [],
  };
}

/** `base/5/16391 pg_tblspc/1/PG_15_x/5/16392` as `5/16391`, `5/16392`. */
function filesIn(list: string): readonly string[] {
  return list
    .split(' ')
    .filter(Boolean)
    .map((path) => path.split('/').slice(-2).join('/'));
}
