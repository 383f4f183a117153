/** WAL as `pg_waldump` of PostgreSQL 15 tells it in words: what our own reading of the bytes is compared with. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { heapChangeOf, type HeapChange } from '../../src/core/divergence/heap-change.ts';
import { transactionEndOf, type TransactionEnd } from '../../src/core/divergence/transaction-end.ts';
import type { BlockReference, FileNode, WalRecord } from '../../src/core/divergence/wal-record.ts';
import {
  createdRelation,
  databaseChangeOf,
  nextXidOf,
  oldestRunningXidOf,
} from '../../src/core/divergence/xlog-facts.ts';
import { formatLsn, parseLsn, type Lsn } from '../../src/core/model/lsn.ts';
import { BIN_DIRECTORY } from './postgres-cluster.ts';

/** All that we take from a record. */
export interface ToldRecord {
  readonly lsn: Lsn;
  readonly lengthBytes: number;
  readonly xid: number;
  readonly manager: number;
  readonly blocks: readonly BlockReference[];
  readonly change: HeapChange | null;
  readonly end: TransactionEnd | null;
  readonly created: string | null;
  readonly database: ReturnType<typeof databaseChangeOf>;
  readonly nextXid: number | null;
  readonly oldestRunningXid: number | null;
}

/** Everything of our own reading, at once: the record's bytes do not stay. */
export function told(record: WalRecord): ToldRecord {
  const { lsn, lengthBytes, xid, manager, blocks } = record;
  return {
    lsn,
    lengthBytes,
    xid,
    manager,
    blocks,
    change: heapChangeOf(record),
    end: transactionEndOf(record),
    created: createdRelation(record),
    database: databaseChangeOf(record),
    nextXid: nextXidOf(record),
    oldestRunningXid: oldestRunningXidOf(record),
  };
}

/** In the order of their numbers, as pg_waldump prints them. */
const MANAGERS =
  'XLOG Transaction Storage CLOG Database Tablespace MultiXact RelMap Standby Heap2 Heap Btree Hash Gin Gist Sequence SPGist BRIN CommitTs ReplicationOrigin Generic LogicalMessage'.split(
    ' ',
  );
const LINE = /^rmgr: (\S+) +len \(rec\/tot\): +\d+\/ *(\d+), tx: +(\d+), lsn: (\S+), prev \S+, desc: (.*)$/;

/** Every record from `start` on, by pg_waldump. */
export function waldump(directory: string, timeline: number, start: Lsn): readonly ToldRecord[] {
  const { stdout } = spawnSync(
    join(BIN_DIRECTORY, 'pg_waldump'),
    ['-p', directory, '-t', String(timeline), '-s', formatLsn(start)],
    { encoding: 'utf8', env: { TZ: 'UTC', LC_ALL: 'C.UTF-8' }, maxBuffer: 1_073_741_824 },
  );
  return stdout
    .split('\n')
    .filter((line) => line.startsWith('rmgr: '))
    .map((line) => {
      const match = LINE.exec(line);
      if (match === null) throw new Error(`cannot read ${line}`);
      const [, name = '', length, xid, lsn = '', description = ''] = match;
      return {
        lsn: parseLsn(lsn),
        lengthBytes: Number(length),
        xid: Number(xid),
        manager: MANAGERS.indexOf(name),
        blocks: blocksIn(description),
        change: changeIn(name, description),
        end: name === 'Transaction' ? endIn(Number(xid), description) : null,
        created: name === 'Storage' ? createdIn(description) : null,
        database: name === 'Database' ? databaseIn(description) : null,
        nextXid: numberIn(
          description,
          name === 'XLOG' ? /^CHECKPOINT_SHUTDOWN .*; xid \d+:(\d+);/ : RUNNING_NEXT,
        ),
        oldestRunningXid: numberIn(description, /^RUNNING_XACTS .*oldestRunningXid (\d+)/),
      };
    });
}

const RUNNING_NEXT = /^RUNNING_XACTS nextXid (\d+)/;

function numberIn(description: string, expression: RegExp): number | null {
  const match = expression.exec(description);
  return match === null ? null : Number(match[1]);
}

function blocksIn(description: string): readonly BlockReference[] {
  return [...description.matchAll(/blkref #(\d+): rel (\S+) (?:fork \w+ )?blk (\d+)/g)].map((it) => ({
    id: Number(it[1]),
    file: it[2] as FileNode,
    block: Number(it[3]),
  }));
}

const ROW =
  /^(INSERT|DELETE|UPDATE|HOT_UPDATE)(?:\+INIT)? off (\d+) (?:xmax \d+ )?flags 0x([0-9A-Fa-f]+)(?:.*?; new off (\d+))?/;
const MANY = /^MULTI_INSERT(\+INIT)? (\d+) tuples/;
const SUPER = 0x08;

function changeIn(manager: string, description: string): HeapChange | null {
  const [first, second] = blocksIn(description);
  if (first === undefined) return null;
  const { file: node, block } = first;
  const many = manager === 'Heap2' ? MANY.exec(description) : null;
  if (many !== null)
    return { kind: 'multi-insert', node, block, rows: Number(many[2]), fresh: many[1] !== undefined };
  const row = manager === 'Heap' ? ROW.exec(description) : null;
  if (row === null) return null;
  const [, word, old, flags = '0', now] = row;
  const at = { block, offset: Number(old) };
  if (word === 'INSERT') return { kind: 'insert', node, at };
  if (word === 'DELETE')
    return { kind: (Number.parseInt(flags, 16) & SUPER) === 0 ? 'delete' : 'undo-insert', node, at };
  const from = { block: second?.block ?? block, offset: Number(old) };
  return { kind: 'update', node, from, at: { block, offset: Number(now) } };
}

const END = /^(COMMIT|ABORT|PREPARE)(?:_PREPARED (\d+):)? /;
const KINDS: Readonly<Record<string, TransactionEnd['kind']>> = {
  COMMIT: 'commit',
  ABORT: 'abort',
  PREPARE: 'prepare',
};

function endIn(xid: number, description: string): TransactionEnd | null {
  const match = END.exec(description);
  const kind = KINDS[match?.[1] ?? ''];
  if (match === null || kind === undefined) return null;
  const top = match[2] === undefined ? xid : Number(match[2]);
  const gid = /^PREPARE gid (.*): \d{4}-/.exec(description)?.[1] ?? '';
  // A name may hold words that look like a list.
  const rest = description.slice(gid === '' ? 0 : `PREPARE gid ${gid}`.length);
  const others = /; subxacts: ([\d ]+)/.exec(rest)?.[1]?.trim().split(' ') ?? [];
  const files = /; rels: ([^;]+)/.exec(rest)?.[1]?.trim().split(' ') ?? [];
  const moment = /(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d+) UTC/.exec(rest) ?? [];
  return {
    kind,
    top,
    xids: [top, ...others.map(Number)],
    at: Date.parse(`${moment[1]}T${moment[2]}Z`),
    gid,
    removedFiles: kind === 'prepare' ? [] : files.map((it) => it.split('/').slice(-2).join('/')),
  };
}

function databaseIn(description: string): ToldRecord['database'] {
  const match = /^(?:CREATE_\w+ (?:create dir|copy dir \S+ to)|DROP dir) \d+\/(\d+)/.exec(description);
  if (match === null) return null;
  return { oid: Number(match[1]), what: description.startsWith('DROP') ? 'dropped' : 'created' };
}

function createdIn(description: string): string | null {
  return /^CREATE (?:base|pg_tblspc\/\d+\/[^/]+)\/(\d+\/\d+)$/.exec(description.trim())?.[1] ?? null;
}
