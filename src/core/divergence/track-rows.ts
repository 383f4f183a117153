/** Follows rows through the discarded WAL: where their last versions lie, and which version of before the fork each came from. */
import { createBitSet, type BitSet } from './bit-set.ts';
import { heapChangeOf, type HeapChange, type RowPlace } from './heap-change.ts';
import { transactionEndOf } from './transaction-end.ts';
import { MANAGER, type FileNode, type WalRecord } from './wal-record.ts';
import { isFullPages } from './xlog-facts.ts';

/** A place as one number. Line pointers of a page of 8 kB are at most 291. */
export type PlaceKey = number;
const OFFSETS = 512;

export function placeKey({ block, offset }: RowPlace): PlaceKey {
  return block * OFFSETS + offset;
}

export function placeOf(key: PlaceKey): RowPlace {
  return { block: Math.floor(key / OFFSETS), offset: key % OFFSETS };
}

export interface DeletedRow {
  /** Where its version of the fork lay, as far as that is known. */
  readonly origin: PlaceKey;
  readonly xid: number;
}

/** What became of the rows in one file. */
export interface FileRows {
  /** Blocks that hold versions written after the fork. */
  readonly blocks: BitSet;
  /** Last versions of updated rows, with the place of the version of the fork. */
  readonly updated: ReadonlyMap<PlaceKey, PlaceKey>;
  readonly deleted: readonly DeletedRow[];
  /** Inserted and deleted again. */
  readonly vanished: number;
  /** Blocks into which several rows at once were put, at places that the WAL does not tell. */
  readonly crowded: BitSet;
}

export interface RowTracker {
  readonly add: (record: WalRecord) => void;
  readonly files: () => ReadonlyMap<FileNode, FileRows>;
  /** Milliseconds of the epoch of a transaction's commit; null where it is not known. */
  readonly committedAt: (xid: number) => number | null;
  /** Updates and deletes whose origin is not followed any more, because there were more than the limit. */
  readonly untracked: () => number;
}

export interface TrackOptions {
  /** Transactions and subtransactions committed after the fork. */
  readonly committed: Pick<BitSet, 'has'>;
  /** Files of tables whose rows are wanted. */
  readonly wanted: ReadonlySet<FileNode>;
  /** Files made after the fork: whole pages are copied into a table that is rewritten. */
  readonly created: ReadonlySet<string>;
  /** Updated and deleted rows that are followed, which bounds the memory: about 100 bytes each. */
  readonly rowsMax: number;
}

/** Commit times that are kept, 8 bytes each in memory and more in the map's own tables. */
const TIMES_MAX = 1_000_000;

/** Starts to follow. Feed it the records that were counted, in order. */
export function createRowTracker(options: TrackOptions): RowTracker {
  return new Tracker(options);
}

interface Followed {
  readonly blocks: BitSet;
  readonly inserted: BitSet;
  readonly updated: Map<PlaceKey, PlaceKey>;
  readonly deleted: DeletedRow[];
  readonly crowded: BitSet;
  /** Places where no version of the fork lies any more: one that changes there again was put there since, by a record without places. */
  readonly passed: BitSet;
  vanished: number;
}

class Tracker implements RowTracker {
  readonly #options: TrackOptions;
  readonly #files = new Map<FileNode, Followed>();
  readonly #times = new Map<number, number>();
  #tracked = 0;
  #untracked = 0;

  constructor(options: TrackOptions) {
    this.#options = options;
  }

  add(record: WalRecord): void {
    const { manager, xid } = record;
    if (manager === MANAGER.transaction) {
      this.#commit(record);
      return;
    }
    if (isFullPages(record)) this.#copied(record);
    if (xid === 0 || !this.#options.committed.has(xid)) return;
    const change = heapChangeOf(record);
    if (change !== null && this.#options.wanted.has(change.node)) this.#follow(change, xid);
  }

  files(): ReadonlyMap<FileNode, FileRows> {
    return this.#files;
  }

  committedAt(xid: number): number | null {
    return this.#times.get(xid) ?? null;
  }

  untracked(): number {
    return this.#untracked;
  }

  #commit(record: WalRecord): void {
    const end = transactionEndOf(record);
    if (end?.kind !== 'commit' || this.#times.size >= TIMES_MAX) return;
    for (const xid of end.xids) this.#times.set(xid, end.at);
  }

  /** A rewritten table is copied page by page, and its rows keep the transactions that wrote them. */
  #copied({ blocks }: WalRecord): void {
    for (const { file, block } of blocks)
      if (this.#options.wanted.has(file) && this.#options.created.has(file.slice(file.indexOf('/') + 1)))
        this.#fileOf(file).blocks.add(block);
  }

  #fileOf(node: FileNode): Followed {
    let file = this.#files.get(node);
    if (file === undefined) {
      file = {
        blocks: createBitSet(),
        inserted: createBitSet(),
        updated: new Map(),
        deleted: [],
        crowded: createBitSet(),
        passed: createBitSet(),
        vanished: 0,
      };
      this.#files.set(node, file);
    }
    return file;
  }

  #follow(change: HeapChange, xid: number): void {
    const file = this.#fileOf(change.node);
    switch (change.kind) {
      case 'insert':
        file.blocks.add(change.at.block);
        file.updated.delete(placeKey(change.at));
        file.inserted.add(placeKey(change.at));
        file.passed.add(placeKey(change.at));
        return;
      case 'undo-insert':
        file.inserted.remove(placeKey(change.at));
        return;
      case 'multi-insert':
        file.blocks.add(change.block);
        if (!change.fresh) file.crowded.add(change.block);
        else
          for (let offset = 1; offset <= change.rows; offset += 1)
            file.inserted.add(placeKey({ block: change.block, offset }));
        return;
      case 'update':
        file.blocks.add(change.at.block);
        this.#update(file, placeKey(change.from), placeKey(change.at));
        return;
      case 'delete':
        this.#delete(file, placeKey(change.at), xid);
    }
  }

  #update(file: Followed, from: PlaceKey, to: PlaceKey): void {
    const origin = file.updated.get(from);
    if (isNew(file, from)) {
      file.inserted.remove(from);
      file.inserted.add(to);
      file.passed.add(to);
      file.updated.delete(to);
      return;
    }
    if (origin === undefined && !this.#hasRoom()) return;
    file.passed.add(from);
    file.passed.add(to);
    file.inserted.remove(to);
    file.updated.delete(from);
    file.updated.set(to, origin ?? from);
  }

  #delete(file: Followed, at: PlaceKey, xid: number): void {
    if (isNew(file, at)) {
      file.inserted.remove(at);
      file.vanished += 1;
      return;
    }
    const origin = file.updated.get(at);
    if (origin === undefined && !this.#hasRoom()) return;
    file.passed.add(at);
    file.updated.delete(at);
    file.deleted.push({ origin: origin ?? at, xid });
  }

  #hasRoom(): boolean {
    if (this.#tracked >= this.#options.rowsMax) {
      this.#untracked += 1;
      return false;
    }
    this.#tracked += 1;
    return true;
  }
}

/** Whether the row at this place was inserted after the fork. */
function isNew({ inserted, passed, updated }: Followed, at: PlaceKey): boolean {
  return inserted.has(at) || (passed.has(at) && !updated.has(at));
}
