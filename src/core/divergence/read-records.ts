/** Takes WAL apart into records, over pages and segments, and stops where recovery would: at the first thing that is not whole and valid. */
import { formatLsn, type Lsn } from '../model/lsn.ts';
import { PrimacyError } from '../model/primacy-error.ts';
import { crc32c } from './crc32c.ts';
import { RECORD_HEADER_BYTES } from './record-header.ts';
import { align, walBytes, type WalBytes } from './wal-bytes.ts';
import { FileNames, MANAGER, WalRecord, type WalFormat } from './wal-record.ts';
import { isSwitch } from './xlog-facts.ts';

/** XLOG_BLCKSZ of every packaged PostgreSQL. */
export const PAGE_BYTES = 8192;
const SHORT_HEADER_BYTES = 24;
const LONG_HEADER_BYTES = 40;
/** By XLOG_PAGE_MAGIC, of PostgreSQL 15 to 18: the one thing that we read and that differs, the length of xl_xact_stats_item. */
const STATISTICS_BYTES: ReadonlyMap<number, number> = new Map([
  [0xd110, 12],
  [0xd113, 12],
  [0xd116, 12],
  [0xd118, 16],
]);

/** xlp_info. */
const CONTINUED = 0x1;
const LONG_HEADER = 0x2;
const OVERWRITTEN = 0x8;
const ALL_FLAGS = 0xf;

const MANAGERS_OF_POSTGRES = 21;

export interface RecordReaderOptions {
  /** The first record at or after it is the first one given. */
  readonly start: Lsn;
  readonly segmentBytes: number;
  readonly onRecord: (record: WalRecord) => void;
}

interface PageHeader {
  readonly bytes: number;
  readonly info: number;
  /** What is left of the record that the pages before began. */
  readonly remaining: number;
}

/** A record of which pages to come hold the rest. */
interface Partial {
  readonly position: number;
  readonly total: number;
  readonly pieces: Uint8Array[];
  have: number;
}

/** Positions are numbers here: exact below 8 PiB of WAL, and many times as fast. */
export class RecordReader {
  readonly #start: number;
  readonly #segmentBytes: number;
  readonly #onRecord: (record: WalRecord) => void;
  #format: WalFormat = { names: new FileNames(), statisticsBytes: 0 };
  #timeline = 0;
  #partial: Partial | null = null;
  /** Where the next record begins; null until one was found. */
  #next: number | null = null;
  #previous: number | null = null;
  #end: number | null = null;

  constructor({ start, segmentBytes, onRecord }: RecordReaderOptions) {
    this.#start = Number(start);
    this.#segmentBytes = segmentBytes;
    this.#onRecord = onRecord;
  }

  /**
   * Reads whole pages, the first of which begins at `address`; the next call brings the pages behind them. Null, or why valid WAL ends.
   * Throws `output-invalid` where the first page is of a version of PostgreSQL that is not known, and whatever `onRecord` throws.
   */
  push(chunk: WalBytes, length: number, address: number): string | null {
    for (let at = 0; at < length; at += PAGE_BYTES) {
      const end = this.#page(chunk, at, address + at);
      if (end !== null) return end;
    }
    return null;
  }

  /** Where the last record that was given ends; null where there was none. */
  get end(): Lsn | null {
    return this.#end === null ? null : (BigInt(this.#end) as Lsn);
  }

  #page(chunk: WalBytes, at: number, address: number): string | null {
    // The rest of a segment that was switched is never looked at.
    if (this.#partial === null && this.#next !== null && this.#next >= address + PAGE_BYTES) return null;
    const header = this.#header(chunk.view, at, address);
    if (typeof header === 'string') return `${header} at ${text(address)}`;
    const isContinued = (header.info & CONTINUED) !== 0;
    const behind = address + header.bytes + (isContinued ? align(header.remaining) : 0);
    // A crash left this record unfinished, and the server that went on has marked it so.
    if (this.#partial !== null && (header.info & OVERWRITTEN) !== 0) {
      this.#partial = null;
      this.#next = address + header.bytes;
    }
    if (this.#partial !== null) {
      const end = this.#continue(this.#partial, chunk, at, header, behind);
      if (end !== null) return `${end} at ${text(address)}`;
    } else if (this.#next === null) {
      if (behind < address + PAGE_BYTES) this.#next = behind;
    } else if (this.#next === address) {
      if (isContinued) return `a record is continued that never began at ${text(address)}`;
      this.#next = behind;
    }
    return this.#records(chunk, at, address);
  }

  /** Recycled files hold older pages, which tell their own address. */
  #header(view: DataView, at: number, address: number): PageHeader | string {
    const magic = view.getUint16(at, true);
    const info = view.getUint16(at + 2, true);
    const timeline = view.getUint32(at + 4, true);
    const isLong = (info & LONG_HEADER) !== 0;
    const statisticsBytes = STATISTICS_BYTES.get(magic);
    if (statisticsBytes === undefined) {
      if (this.#timeline === 0 && magic >> 8 === 0xd1)
        throw new PrimacyError(
          'output-invalid',
          `cannot read WAL at ${text(address)}: expected a page of PostgreSQL 15 to 18, got magic number 0x${magic.toString(16)}`,
        );
      return 'no page of WAL';
    }
    if ((info & ~ALL_FLAGS) !== 0) return 'a page with unknown flags';
    if (readPosition(view, at + 8) !== address) return 'a page of another address';
    if (timeline < this.#timeline) return 'a page of an older timeline';
    if (isLong ? view.getUint32(at + 32, true) !== this.#segmentBytes : address % this.#segmentBytes === 0)
      return 'a page of a file of another size';
    this.#timeline = timeline;
    if (this.#format.statisticsBytes !== statisticsBytes) this.#format = { ...this.#format, statisticsBytes };
    return {
      bytes: isLong ? LONG_HEADER_BYTES : SHORT_HEADER_BYTES,
      info,
      remaining: view.getUint32(at + 16, true),
    };
  }

  #continue(
    partial: Partial,
    chunk: WalBytes,
    at: number,
    header: PageHeader,
    behind: number,
  ): string | null {
    const { remaining } = header;
    if ((header.info & CONTINUED) === 0 || remaining !== partial.total - partial.have)
      return 'the rest of a record is missing';
    const length = Math.min(remaining, PAGE_BYTES - header.bytes);
    partial.pieces.push(chunk.bytes.slice(at + header.bytes, at + header.bytes + length));
    partial.have += length;
    if (partial.have < partial.total) return null;
    this.#partial = null;
    const whole = walBytes(partial.total);
    let filled = 0;
    for (const piece of partial.pieces) {
      whole.bytes.set(piece, filled);
      filled += piece.length;
    }
    return this.#take(whole, 0, partial.position, behind);
  }

  /** The records that begin in this page. */
  #records(chunk: WalBytes, at: number, address: number): string | null {
    while (this.#partial === null && this.#next !== null && this.#next < address + PAGE_BYTES) {
      const position = this.#next;
      const begin = at + position - address;
      const room = at + PAGE_BYTES - begin;
      const total = chunk.view.getUint32(begin, true);
      if (total < RECORD_HEADER_BYTES) return `no record at ${text(position)}`;
      if (total > room) {
        const pieces = [chunk.bytes.slice(begin, begin + room)];
        this.#partial = { position, total, pieces, have: room };
      } else {
        const end = this.#take(chunk, begin, position, position + align(total));
        if (end !== null) return `${end} at ${text(position)}`;
      }
    }
    return null;
  }

  /** Gives a record away where it is valid; `behind`: where the next one begins. */
  #take(bytes: WalBytes, begin: number, position: number, behind: number): string | null {
    const { view } = bytes;
    const before = readPosition(view, begin + 8);
    if (this.#previous === null ? before >= position : before !== this.#previous)
      return 'a record with another one before it';
    const data = view.getUint32(begin, true) - RECORD_HEADER_BYTES;
    const crc = crc32c(bytes, begin, CRC_OFFSET, crc32c(bytes, begin + RECORD_HEADER_BYTES, data, -1));
    if (~crc !== view.getInt32(begin + CRC_OFFSET, true)) return 'a record with a wrong checksum';
    const record = new WalRecord(bytes, begin, position, this.#format);
    if (record.manager > MANAGERS_OF_POSTGRES && record.manager < MANAGER.custom) return 'a record of nobody';
    this.#previous = position;
    this.#next = behind;
    if (isSwitch(record)) this.#next = Math.ceil(behind / this.#segmentBytes) * this.#segmentBytes;
    if (position < this.#start) return null;
    this.#end = this.#next;
    this.#onRecord(record);
    return null;
  }
}

const CRC_OFFSET = 20;

function readPosition(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 0x1_0000_0000;
}

function text(position: number): string {
  return formatLsn(BigInt(position) as Lsn);
}
