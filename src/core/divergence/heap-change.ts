/** What a heap record did to rows, read from the words of `pg_waldump` 15 (heapdesc.c); row locks and clean-up change none. */
import type { FileNode, WalRecord } from './wal-record.ts';

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
  /** PostgreSQL 15 does not tell the line pointers; `fresh`: the block was empty, so they are 1 to `rows`. */
  | {
      readonly kind: 'multi-insert';
      readonly node: FileNode;
      readonly block: number;
      readonly rows: number;
      readonly fresh: boolean;
    };

/** XLH_DELETE_IS_SUPER. */
const SUPER = 0x08;
const BLOCK = /blkref #0: rel (\d+\/\d+\/\d+) blk (\d+)(?:.*?blkref #1: rel \S+ blk (\d+))?/;
const ROW =
  /^(INSERT|DELETE|UPDATE|HOT_UPDATE)(?:\+INIT)? off (\d+) (?:xmax \d+ )?flags 0x([0-9A-Fa-f]+)(?:.*?; new off (\d+))?/;
const MANY = /^MULTI_INSERT(\+INIT)? (\d+) tuples/;

/** Null where the record changes no row. */
export function heapChangeOf(record: WalRecord): HeapChange | null {
  if (record.manager === 'Heap2') return manyOf(record.description);
  if (record.manager !== 'Heap') return null;
  const row = ROW.exec(record.description);
  const reference = row === null ? null : BLOCK.exec(record.description);
  if (row === null || reference === null) return null;
  const node = reference[1] as FileNode;
  const block = Number(reference[2]);
  const offset = Number(row[2]);
  switch (row[1]) {
    case 'INSERT':
      return { kind: 'insert', node, at: { block, offset } };
    case 'DELETE': {
      const isSuper = (Number.parseInt(row[3] ?? '0', 16) & SUPER) !== 0;
      return { kind: isSuper ? 'undo-insert' : 'delete', node, at: { block, offset } };
    }
    default: {
      const from = { block: Number(reference[3] ?? reference[2]), offset };
      return { kind: 'update', node, from, at: { block, offset: Number(row[4]) } };
    }
  }
}

function manyOf(description: string): HeapChange | null {
  const many = MANY.exec(description);
  const reference = many === null ? null : BLOCK.exec(description);
  if (many === null || reference === null) return null;
  return {
    kind: 'multi-insert',
    node: reference[1] as FileNode,
    block: Number(reference[2]),
    rows: Number(many[2]),
    fresh: many[1] !== undefined,
  };
}

/** Which counter of a relation a record adds to, by how much; cheaper than the whole change, because it is asked for every record. */
export function countOf(
  record: WalRecord,
): { readonly what: 'inserts' | 'updates' | 'deletes'; readonly rows: number } | null {
  const { manager, description } = record;
  if (manager === 'Heap2') {
    if (!description.startsWith('MULTI_INSERT')) return null;
    return { what: 'inserts', rows: Number(MANY.exec(description)?.[2] ?? 0) };
  }
  if (manager !== 'Heap') return null;
  if (description.startsWith('INSERT')) return ONE_INSERT;
  if (description.startsWith('HOT_UPDATE') || description.startsWith('UPDATE')) return ONE_UPDATE;
  if (!description.startsWith('DELETE')) return null;
  return heapChangeOf(record)?.kind === 'undo-insert' ? NO_INSERT : ONE_DELETE;
}

const ONE_INSERT = { what: 'inserts', rows: 1 } as const;
const NO_INSERT = { what: 'inserts', rows: -1 } as const;
const ONE_UPDATE = { what: 'updates', rows: 1 } as const;
const ONE_DELETE = { what: 'deletes', rows: 1 } as const;
