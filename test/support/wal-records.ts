/** WAL records as bytes, as PostgreSQL lays them out, for tests of what reads them. */
import { walBytes } from '../../src/core/divergence/wal-bytes.ts';
import { FileNames, MANAGER, WalRecord } from '../../src/core/divergence/wal-record.ts';

export interface RecordParts {
  readonly lsn?: number;
  readonly xid?: number;
  readonly manager: number;
  readonly info?: number;
  /** Each `tablespace/database/file` and a block. */
  readonly blocks?: readonly (readonly [file: string, block: number])[];
  readonly data?: Uint8Array;
}

/** Numbers of 1, 2, 4 or 8 bytes, little-endian, one after the other. */
export function packed(...numbers: readonly (readonly [bytes: 1 | 2 | 4 | 8, value: number])[]): Uint8Array {
  return Uint8Array.from(
    numbers.flatMap(([bytes, value]) =>
      Array.from({ length: bytes }, (_, index) => Number((BigInt(value) >> BigInt(8 * index)) & 255n)),
    ),
  );
}

/** The record without a checksum: those are for whole pages. */
export function recordBytes({ xid = 0, manager, info = 0, blocks = [], data }: RecordParts): Uint8Array {
  const references = blocks.map(([file, block], id) =>
    packed([1, id], [1, 0], [2, 0], ...file.split('/').map((it) => [4, Number(it)] as const), [4, block]),
  );
  const own =
    data === undefined
      ? []
      : [data.length < 256 ? packed([1, 255], [1, data.length]) : packed([1, 254], [4, data.length]), data];
  const body = Buffer.concat([...references, ...own]);
  const header = packed([4, 24 + body.length], [4, xid], [8, 0], [1, info], [1, manager], [2, 0], [4, 0]);
  return Buffer.concat([header, body]);
}

export function walRecord(parts: RecordParts): WalRecord {
  const content = recordBytes(parts);
  const bytes = walBytes(content.length);
  bytes.bytes.set(content);
  return new WalRecord(bytes, 0, parts.lsn ?? 1, { names: new FileNames(), statisticsBytes: 12 });
}

export interface Place {
  readonly lsn?: number;
  readonly xid?: number;
  readonly file?: string;
  readonly block?: number;
}

const FILE = '1663/5/7';

function heap(
  { lsn = 1, xid = 10, file = FILE, block = 0 }: Place,
  info: number,
  data: Uint8Array,
): WalRecord {
  return walRecord({ lsn, xid, manager: MANAGER.heap, info, blocks: [[file, block]], data });
}

export function insert(offset: number, place: Place = {}): WalRecord {
  return heap(place, 0x00, packed([2, offset], [1, 0]));
}

/** `flags` 8: an insertion takes itself back. */
export function remove(offset: number, flags = 0, place: Place = {}): WalRecord {
  return heap(place, 0x10, packed([4, 10], [2, offset], [1, 0], [1, flags]));
}

/** `from`: the block of the old version where it is another one. */
export function update(old: number, now: number, place: Place & { readonly from?: number } = {}): WalRecord {
  const { lsn = 1, xid = 10, file = FILE, block = 0, from } = place;
  const blocks: [string, number][] = [[file, block]];
  if (from !== undefined) blocks.push([file, from]);
  const data = packed([4, 10], [2, old], [1, 0], [1, 0x20], [4, 0], [2, now]);
  return walRecord({ lsn, xid, manager: MANAGER.heap, info: from === undefined ? 0x40 : 0x20, blocks, data });
}

/** Several rows at once into a block; `fresh`: it was empty. */
export function insertMany(rows: number, fresh = true): WalRecord {
  const data = packed([1, 2], [1, 0], [2, rows]);
  return walRecord({ xid: 10, manager: MANAGER.heap2, info: fresh ? 0xd0 : 0x50, blocks: [[FILE, 0]], data });
}

const NOW = (Date.parse('2026-11-21T12:07:19.090Z') - Date.parse('2000-01-01T00:00:00Z')) * 1_000 + 714;

export interface EndParts {
  readonly subtransactions?: readonly number[];
  /** `database/file`, in the default tablespace. */
  readonly files?: readonly string[];
  /** Entries in the list of dropped statistics and of invalidations. */
  readonly statistics?: number;
  readonly invalidations?: number;
  /** The prepared transaction that ends. */
  readonly prepared?: number;
}

/** The end of a transaction: 0x00 commit, 0x20 abort, 0x30 and 0x40 the same of a prepared one. */
export function end(operation: number, lsn: number, xid: number, parts: EndParts = {}): WalRecord {
  const { subtransactions = [], files = [], statistics = 0, invalidations = 0, prepared } = parts;
  const flags =
    (subtransactions.length > 0 ? 0x2 : 0) |
    (files.length > 0 ? 0x4 : 0) |
    (statistics > 0 ? 0x100 : 0) |
    (invalidations > 0 ? 0x8 : 0) |
    (prepared === undefined ? 0 : 0x10);
  const list = (count: number, entries: Uint8Array): Uint8Array =>
    count === 0 ? entries : Buffer.concat([packed([4, count]), entries]);
  const more = [
    packed([4, flags]),
    list(subtransactions.length, packed(...subtransactions.map((it) => [4, it] as const))),
    list(
      files.length,
      packed(
        ...files.flatMap((it) => [1663, ...it.split('/').map(Number)].map((part) => [4, part] as const)),
      ),
    ),
    list(statistics, new Uint8Array(statistics * 12)),
    list(invalidations, new Uint8Array(invalidations * 16)),
    prepared === undefined ? new Uint8Array() : packed([4, prepared]),
  ];
  const data = Buffer.concat([packed([8, NOW]), ...(flags === 0 ? [] : more)]);
  return walRecord({
    lsn,
    xid,
    manager: MANAGER.transaction,
    info: operation | (flags === 0 ? 0 : 0x80),
    data,
  });
}

export function commit(lsn: number, xid: number, parts: EndParts = {}): WalRecord {
  return end(0x00, lsn, xid, parts);
}

/** `prepare transaction 'GID'`. */
export function prepare(
  lsn: number,
  xid: number,
  gid: string,
  subtransactions: readonly number[] = [],
): WalRecord {
  const name = Buffer.from(`${gid}\0`);
  const data = Buffer.concat([
    packed([4, 0], [4, 0], [4, xid], [4, 5], [8, NOW], [4, 10], [4, subtransactions.length]),
    new Uint8Array(22),
    packed([2, name.length]),
    new Uint8Array(16),
    name,
    new Uint8Array((8 - (name.length % 8)) % 8),
    packed(...subtransactions.map((it) => [4, it] as const)),
  ]);
  return walRecord({ lsn, xid, manager: MANAGER.transaction, info: 0x10, data });
}

/** A list of running transactions. */
export function running(lsn: number, nextXid: number, oldest: number = nextXid): WalRecord {
  const data = packed([4, 0], [4, 0], [4, 0], [4, nextXid], [4, oldest], [4, nextXid - 1]);
  return walRecord({ lsn, manager: MANAGER.standby, info: 0x10, data });
}

/** A file of a relation, `tablespace/database/file`, made anew. */
export function create(lsn: number, xid: number, file: string, fork = 0): WalRecord {
  const data = packed(...file.split('/').map((it) => [4, Number(it)] as const), [4, fork]);
  return walRecord({ lsn, xid, manager: MANAGER.storage, info: 0x10, data });
}
