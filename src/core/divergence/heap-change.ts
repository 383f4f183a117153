/** What a heap record did to rows (`heapam_xlog.h`); row locks and clean-up change none. */
import { MANAGER, type FileNode, type WalRecord } from './wal-record.ts';

/** A row version's place: block and line pointer. */
export interface RowPlace {
  readonly block: number;
  readonly offset: number;
}

export type HeapChange =
  | { readonly kind: 'insert' | 'delete'; readonly node: FileNode; readonly at: RowPlace }
  /** An insertion of `on conflict` that found its conflict and took itself back. */
  | { readonly kind: 'undo-insert'; readonly node: FileNode; readonly at: RowPlace }
  | { readonly kind: 'update'; readonly node: FileNode; readonly from: RowPlace; readonly at: RowPlace }
  /** `fresh`: the block was empty, so the line pointers are 1 to `rows`. */
  | {
      readonly kind: 'multi-insert';
      readonly node: FileNode;
      readonly block: number;
      readonly rows: number;
      readonly fresh: boolean;
    };

/** The block was empty before. */
const INIT_PAGE = 0x80;
const OPERATION = 0x70;
const HEAP = {
  insert: 0x00,
  delete: 0x10,
  update: 0x20,
  hotUpdate: 0x40,
  confirm: 0x50,
  lock: 0x60,
  inplace: 0x70,
};
const HEAP2 = { rewrite: 0x00, multiInsert: 0x50 };
/** XLH_DELETE_IS_SUPER. */
const SUPER = 0x08;

/** Null where the record changes no row. */
export function heapChangeOf(record: WalRecord): HeapChange | null {
  const operation = record.info & OPERATION;
  if (record.manager === MANAGER.heap2) return operation === HEAP2.multiInsert ? manyOf(record) : null;
  if (record.manager !== MANAGER.heap || operation > HEAP.hotUpdate) return null;
  const { view, dataBegin } = record;
  const [first, second] = record.blocks;
  if (first === undefined) return null;
  const { file: node, block } = first;
  switch (operation) {
    case HEAP.insert:
      return { kind: 'insert', node, at: { block, offset: view.getUint16(dataBegin, true) } };
    case HEAP.delete: {
      const at = { block, offset: view.getUint16(dataBegin + 4, true) };
      return { kind: isSuper(record) ? 'undo-insert' : 'delete', node, at };
    }
    case HEAP.update:
    case HEAP.hotUpdate: {
      const from = { block: second?.block ?? block, offset: view.getUint16(dataBegin + 4, true) };
      return { kind: 'update', node, from, at: { block, offset: view.getUint16(dataBegin + 12, true) } };
    }
    default:
      return null;
  }
}

function isSuper({ view, dataBegin }: WalRecord): boolean {
  return (view.getUint8(dataBegin + 7) & SUPER) !== 0;
}

function manyOf(record: WalRecord): HeapChange | null {
  const [first] = record.blocks;
  if (first === undefined) return null;
  return {
    kind: 'multi-insert',
    node: first.file,
    block: first.block,
    rows: rowsOf(record),
    fresh: (record.info & INIT_PAGE) !== 0,
  };
}

function rowsOf({ view, dataBegin }: WalRecord): number {
  return view.getUint16(dataBegin + 2, true);
}

/** Undoes or reorganises nothing that a client wrote: clean-up on the way, hints, locks. */
export function isHousekeeping({ manager, info }: WalRecord): boolean {
  const operation = info & OPERATION;
  if (manager === MANAGER.heap) return operation >= HEAP.confirm;
  return manager === MANAGER.heap2 && operation !== HEAP2.rewrite && operation !== HEAP2.multiInsert;
}

/** Which counter of a relation a record adds to, by how much; cheaper than the whole change, because it is asked for every record. */
export function countOf(
  record: WalRecord,
): { readonly what: 'inserts' | 'updates' | 'deletes'; readonly rows: number } | null {
  const operation = record.info & OPERATION;
  if (record.manager === MANAGER.heap2)
    return operation === HEAP2.multiInsert ? { what: 'inserts', rows: rowsOf(record) } : null;
  if (record.manager !== MANAGER.heap) return null;
  switch (operation) {
    case HEAP.insert:
      return ONE_INSERT;
    case HEAP.update:
    case HEAP.hotUpdate:
      return ONE_UPDATE;
    case HEAP.delete:
      return isSuper(record) ? NO_INSERT : ONE_DELETE;
    default:
      return null;
  }
}

const ONE_INSERT = { what: 'inserts', rows: 1 } as const;
const NO_INSERT = { what: 'inserts', rows: -1 } as const;
const ONE_UPDATE = { what: 'updates', rows: 1 } as const;
const ONE_DELETE = { what: 'deletes', rows: 1 } as const;
