/** What single records tell of the server: checkpoints, switches, running transactions, new files and databases (`pg_control.h`, `storage_xlog.h`…). */
import { FILE_BYTES, MANAGER, type WalRecord } from './wal-record.ts';

const CHECKPOINT_SHUTDOWN = 0x00;
const CHECKPOINT_ONLINE = 0x10;
const SWITCH = 0x40;
const FULL_PAGES = 0xb0;
const RUNNING_XACTS = 0x10;
const STORAGE_CREATE = 0x10;
/** XLOG_DBASE_DROP; the two others copy files or make an empty folder. */
const DATABASE_DROP = 0x20;
/** Offset of the next transaction id in a CheckPoint; the four bytes behind it count how often ids wrapped around. */
const NEXT_XID = 24;
/** The tablespace of what belongs to no database. */
const GLOBAL = 1664;

export function isCheckpoint({ manager, info }: WalRecord): boolean {
  return manager === MANAGER.xlog && (info === CHECKPOINT_SHUTDOWN || info === CHECKPOINT_ONLINE);
}

/** The rest of its segment is not used. */
export function isSwitch({ manager, info }: WalRecord): boolean {
  return manager === MANAGER.xlog && info === SWITCH;
}

/** Whole pages as somebody made them, of a relation that is written anew; not those that a hint touched. */
export function isFullPages({ manager, info }: WalRecord): boolean {
  return manager === MANAGER.xlog && info === FULL_PAGES;
}

/** The relation that a storage record makes anew, as `database/filenode`; null for any other record. */
export function createdRelation(record: WalRecord): string | null {
  if (record.manager !== MANAGER.storage || record.info !== STORAGE_CREATE) return null;
  const { view, dataBegin } = record;
  const [tablespace, fork] = [dataBegin, dataBegin + FILE_BYTES].map((at) => view.getUint32(at, true));
  if (tablespace === GLOBAL || fork !== 0) return null;
  return `${view.getUint32(dataBegin + 4, true)}/${view.getUint32(dataBegin + 8, true)}`;
}

/** The database that a record makes or removes; null for any other record. A database that spans tablespaces is still one. */
export function databaseChangeOf({
  manager,
  info,
  view,
  dataBegin,
}: WalRecord): { readonly oid: number; readonly what: 'created' | 'dropped' } | null {
  if (manager !== MANAGER.database) return null;
  return { oid: view.getUint32(dataBegin, true), what: info === DATABASE_DROP ? 'dropped' : 'created' };
}

/**
 * The next transaction id at the moment of this record, where it says so: every id from it on began after the record.
 * Only records that are written while no id can be assigned are believed: a list of running transactions (PostgreSQL holds
 * XidGenLock meanwhile) and a shutdown checkpoint. An online checkpoint's number belongs to its earlier redo position.
 */
export function nextXidOf(record: WalRecord): number | null {
  if (isRunning(record)) return record.view.getUint32(record.dataBegin + 12, true);
  if (record.manager !== MANAGER.xlog || record.info !== CHECKPOINT_SHUTDOWN) return null;
  return record.view.getUint32(record.dataBegin + NEXT_XID, true);
}

/** The oldest transaction that still ran at this record, where it lists them: every older one has ended. */
export function oldestRunningXidOf(record: WalRecord): number | null {
  return isRunning(record) ? record.view.getUint32(record.dataBegin + 16, true) : null;
}

function isRunning({ manager, info }: WalRecord): boolean {
  return manager === MANAGER.standby && info === RUNNING_XACTS;
}
