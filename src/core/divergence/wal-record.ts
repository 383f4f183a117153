/** A WAL record as PostgreSQL lays it out (`xlogrecord.h`): who wrote it, what it changed, and its own data. */
import type { Lsn } from '../model/lsn.ts';
import { RECORD_HEADER_BYTES } from './record-header.ts';
import type { WalBytes } from './wal-bytes.ts';

/** A relation's file as the WAL names it: `tablespace/database/filenode`. */
export type FileNode = string & { readonly __brand: 'FileNode' };

/** Resource managers (`rmgrlist.h`): their numbers are part of the format on disk. Extensions begin at 128. */
export const MANAGER = {
  xlog: 0,
  transaction: 1,
  storage: 2,
  database: 4,
  standby: 8,
  heap2: 9,
  heap: 10,
  sequence: 15,
  generic: 20,
  logicalMessage: 21,
  custom: 128,
} as const;

/** A block that a record changed. */
export interface BlockReference {
  readonly id: number;
  readonly file: FileNode;
  readonly block: number;
}

/** Bits of a block's header. */
const HAS_IMAGE = 0x10;
const SAME_FILE = 0x80;
/** Bits of an image's header: a hole is left out; one of three compressions. */
const HAS_HOLE = 0x01;
const COMPRESSED = 0x1c;
/** What stands in place of a block's number, which is at most 32. */
const DATA_SHORT = 255;
const DATA_LONG = 254;
const ORIGIN = 253;
const TOP_XID = 252;

/** What all records of one reading share. */
export interface WalFormat {
  readonly names: FileNames;
  /** xl_xact_stats_item: longer since PostgreSQL 18. */
  readonly statisticsBytes: number;
}

/** The bytes stay where they were read: a record can be used only until the next one is read. */
export class WalRecord {
  /** Bytes of record data, page headers not counted. */
  readonly lengthBytes: number;
  /** 0 = no transaction. */
  readonly xid: number;
  /** One of `MANAGER`, or of those nobody asks for. */
  readonly manager: number;
  /** What it did, in the words of its manager: the upper half of xl_info. */
  readonly info: number;
  /** The data that belongs to no block; numbers in it are little-endian. */
  readonly view: DataView;
  readonly #begin: number;
  readonly #position: number;
  readonly #format: WalFormat;
  #blocks: readonly BlockReference[] | null = null;
  #dataLength = 0;

  constructor(bytes: WalBytes, begin: number, position: number, format: WalFormat) {
    this.view = bytes.view;
    this.#begin = begin;
    this.#position = position;
    this.#format = format;
    this.lengthBytes = bytes.view.getUint32(begin, true);
    this.xid = bytes.view.getUint32(begin + 4, true);
    this.info = bytes.view.getUint8(begin + 16) & 0xf0;
    this.manager = bytes.view.getUint8(begin + 17);
  }

  get lsn(): Lsn {
    return BigInt(this.#position) as Lsn;
  }

  /** In the order in which they stand. */
  get blocks(): readonly BlockReference[] {
    this.#blocks ??= this.#readBlocks();
    return this.#blocks;
  }

  /** Where its own data begins in `view`: it stands last, behind the data of the blocks. */
  get dataBegin(): number {
    this.#blocks ??= this.#readBlocks();
    return this.#begin + this.lengthBytes - this.#dataLength;
  }

  /** How long an entry in a commit's list of dropped statistics is. */
  get statisticsBytes(): number {
    return this.#format.statisticsBytes;
  }

  get dataEnd(): number {
    return this.#begin + this.lengthBytes;
  }

  /** Headers come first, then everything they announce, so they end where the rest is as long as all that was announced. */
  #readBlocks(): readonly BlockReference[] {
    const { view } = this;
    const blocks: BlockReference[] = [];
    let file = '' as FileNode;
    let at = this.#begin + RECORD_HEADER_BYTES;
    let announced = 0;
    while (at < this.dataEnd - announced) {
      const id = view.getUint8(at);
      if (id === DATA_SHORT || id === DATA_LONG) {
        this.#dataLength = id === DATA_SHORT ? view.getUint8(at + 1) : view.getUint32(at + 1, true);
        announced += this.#dataLength;
        at += id === DATA_SHORT ? 2 : 5;
      } else if (id === ORIGIN) at += 3;
      else if (id === TOP_XID) at += 5;
      else {
        const flags = view.getUint8(at + 1);
        announced += view.getUint16(at + 2, true);
        at += 4;
        if ((flags & HAS_IMAGE) !== 0) {
          announced += view.getUint16(at, true);
          at += imageHeaderBytes(view.getUint8(at + 4));
        }
        if ((flags & SAME_FILE) === 0) {
          file = this.#format.names.nameAt(view, at);
          at += FILE_BYTES;
        }
        blocks.push({ id, file, block: view.getUint32(at, true) });
        at += 4;
      }
    }
    return blocks;
  }
}

/** Length, offset of the hole, kind; and the hole's length where it cannot be told from the rest. */
function imageHeaderBytes(kind: number): number {
  return (kind & HAS_HOLE) !== 0 && (kind & COMPRESSED) !== 0 ? 7 : 5;
}

/** Tablespace, database, file. */
export const FILE_BYTES = 12;
const NAMES_MAX = 10_000;

/** Names of files, each made once: millions of records name the same few. */
export class FileNames {
  readonly #names = new Map<
    number,
    { readonly tablespace: number; readonly database: number; readonly name: FileNode }
  >();

  nameAt(view: DataView, at: number): FileNode {
    const tablespace = view.getUint32(at, true);
    const database = view.getUint32(at + 4, true);
    const file = view.getUint32(at + 8, true);
    const known = this.#names.get(file);
    if (known?.database === database && known.tablespace === tablespace) return known.name;
    if (this.#names.size >= NAMES_MAX) this.#names.clear();
    const name = `${tablespace}/${database}/${file}` as FileNode;
    this.#names.set(file, { tablespace, database, name });
    return name;
  }
}

/** Order of transaction ids, which wrap around at 2^32 (PostgreSQL `TransactionIdPrecedes`). */
export function precedes(a: number, b: number): boolean {
  return ((a - b) | 0) < 0;
}
