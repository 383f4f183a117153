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

const LINE =
  /^rmgr: (\S+)\s+len \(rec\/tot\):\s*\d+\/\s*(\d+), tx:\s*(\d+), lsn: ([0-9A-F/]+), prev [0-9A-F/]+, desc: (.*)$/;
const RELATION = /blkref #\d+: rel (\d+\/\d+\/\d+) /g;

/** Reads a line. Throws `output-invalid` on any other text: a line that is skipped could be a lost transaction. */
export function parseWalRecord(line: string): WalRecord {
  const match = LINE.exec(line);
  if (match === null)
    throw new PrimacyError('output-invalid', `cannot read WAL record: ${JSON.stringify(line.slice(0, 200))}`);
  const [, manager = '', length = '', xid = '', lsn = '', description = ''] = match;
  return {
    lsn: parseLsn(lsn),
    lengthBytes: Number(length),
    manager,
    xid: Number(xid),
    description,
  };
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

/**
 * The next transaction id at the moment of this record, where it says so: every id from it on began after the record.
 * Only records that are written while no id can be assigned are believed: a list of running transactions (PostgreSQL holds
 * XidGenLock meanwhile) and a shutdown checkpoint. An online checkpoint's number belongs to its earlier redo position.
 */
export function nextXidOf(record: WalRecord): number | null {
  const running =
    record.manager === 'Standby' ? /^RUNNING_XACTS nextXid (\d+)/ : /^CHECKPOINT_SHUTDOWN .*; xid \d+:(\d+);/;
  const match = running.exec(record.description);
  return match === null ? null : Number(match[1]);
}
