/** Counts what a stretch of WAL committed after the fork, per relation, and how much of it was anything but our own writes, in one pass. */
import type { Lsn } from '../model/lsn.ts';
import { createBitSet } from './bit-set.ts';
import { countOf, isHousekeeping } from './heap-change.ts';
import type { ChangeCount, CountOptions, TransactionCount, TransactionCounter } from './transaction-count.ts';
import { transactionEndOf, type TransactionEnd } from './transaction-end.ts';
import { MANAGER, precedes, type FileNode, type WalRecord } from './wal-record.ts';
import { createdRelation, databaseChangeOf, nextXidOf, oldestRunningXidOf } from './xlog-facts.ts';

/** What one transaction that has not ended did so far. */
interface Open {
  isClient: boolean;
  messages: number;
  changes: Map<FileNode, Counted> | null;
  created: string[] | null;
  databases: DatabaseChange[] | null;
}

type DatabaseChange = NonNullable<ReturnType<typeof databaseChangeOf>>;
type Counted = { -readonly [K in keyof ChangeCount]: ChangeCount[K] };

/** pg_statistic and pg_statistic_ext_data with their indexes and TOAST: what an automatic ANALYZE writes. */
const STATISTICS = new Set(['2619', '2696', '2840', '2841', '3429', '3430', '3431', '3433']);

/** Positions of the server, locks and files: none of it is a row. */
const OF_THE_SERVER: ReadonlySet<number> = new Set([MANAGER.xlog, MANAGER.standby, MANAGER.storage]);

/** Starts a count. Feed it every record from well before the fork to the end, in order. Memory: open transactions, files, a bit each commit. */
export function createTransactionCounter(options: CountOptions): TransactionCounter {
  return new Counter(options);
}

class Counter implements TransactionCounter {
  readonly #fork: Lsn;
  readonly #ignored: Set<string>;
  readonly #open = new Map<number, Open>();
  /** Their clients were promised that they will not be lost. */
  readonly #prepared = new Map<number, TransactionEnd>();
  readonly #changes = new Map<FileNode, Counted>();
  readonly #created = new Set<string>();
  readonly #removed = new Set<string>();
  readonly #databases = { created: new Set<number>(), dropped: new Set<number>() };
  readonly #committed = createBitSet();
  #isAfterFork = false;
  #firstWholeXid: number | null = null;
  #lastXidBefore: number | null = null;
  #transactions = 0;
  #clientTransactions = 0;
  #unseenBeginnings = 0;
  #messages = 0;
  #firstCommit: number | null = null;
  #lastCommit: number | null = null;

  constructor({ fork, ignored }: CountOptions) {
    this.#fork = fork;
    this.#ignored = new Set<string>(ignored);
  }

  add(record: WalRecord): void {
    // Positions only grow, and reading them takes longer than all the rest.
    this.#isAfterFork ||= record.lsn >= this.#fork;
    this.#firstWholeXid ??= nextXidOf(record);
    const { manager, xid } = record;
    if (!this.#isAfterFork) this.#sawBefore(xid === 0 ? (nextXidOf(record) ?? 0) - 1 : xid);
    if (manager === MANAGER.standby) this.#forgetEnded(oldestRunningXidOf(record));
    else if (manager === MANAGER.storage) this.#storage(record);
    else if (manager === MANAGER.database) this.#database(record);
    const end = transactionEndOf(record);
    if (end !== null) this.#settle(end);
    else if (xid !== 0 && !OF_THE_SERVER.has(manager) && !isHousekeeping(record)) this.#change(record);
  }

  result(): TransactionCount {
    const prepared = [...this.#prepared.values()].map((end) => ({
      gid: end.gid,
      xid: end.top,
      at: end.at,
      isClient: this.#isClient(end.xids),
      files: [...new Set(end.xids.flatMap((xid) => [...(this.#open.get(xid)?.changes?.keys() ?? [])]))],
    }));
    return {
      transactions: this.#transactions + prepared.length,
      clientTransactions: this.#clientTransactions + prepared.filter((it) => it.isClient).length,
      firstCommit: this.#firstCommit,
      lastCommit: this.#lastCommit,
      changes: this.#changes,
      createdFiles: this.#created,
      removedFiles: this.#removed,
      createdDatabases: this.#databases.created,
      droppedDatabases: this.#databases.dropped,
      prepared,
      committed: this.#committed,
      unseenBeginnings: this.#unseenBeginnings,
      lastXidBefore: this.#lastXidBefore,
      messages: this.#messages,
    };
  }

  #sawBefore(xid: number): void {
    if (xid <= 0) return;
    if (this.#lastXidBefore === null || precedes(this.#lastXidBefore, xid)) this.#lastXidBefore = xid;
  }

  /** What a crash left open never ends by a record. */
  #forgetEnded(oldest: number | null): void {
    if (oldest === null) return;
    for (const xid of this.#open.keys()) if (precedes(xid, oldest)) this.#open.delete(xid);
  }

  /** A file made anew after the fork only shares its number with what the survivor calls heartbeat. */
  #storage(record: WalRecord): void {
    const created = createdRelation(record);
    if (created === null) return;
    if (record.xid !== 0) (this.#openOf(record.xid).created ??= []).push(created);
    if (!this.#isAfterFork) return;
    for (const node of this.#ignored) if (node.endsWith(`/${created}`)) this.#ignored.delete(node);
  }

  #database(record: WalRecord): void {
    const change = databaseChangeOf(record);
    if (change !== null) (this.#openOf(record.xid).databases ??= []).push(change);
  }

  #change(record: WalRecord): void {
    const { manager, xid } = record;
    if (manager === MANAGER.logicalMessage) {
      const open = this.#openOf(xid);
      open.isClient = true;
      open.messages += 1;
      return;
    }
    const node = record.blocks[0]?.file;
    if (node === undefined) return;
    const open = this.#openOf(xid);
    open.isClient ||= this.#countsAsClient(node) || this.#anotherIsClient(record);
    const count = countOf(record);
    // A sequence has no rows; that it moved is known by its being here.
    if (count === null && manager !== MANAGER.sequence) return;
    open.changes ??= new Map();
    let counted = open.changes.get(node);
    if (counted === undefined) {
      counted = { inserts: 0, updates: 0, deletes: 0 };
      open.changes.set(node, counted);
    }
    if (count !== null) counted[count.what] += count.rows;
  }

  /** Only records of extensions change several relations at once. */
  #anotherIsClient({ manager, blocks }: WalRecord): boolean {
    if (manager !== MANAGER.generic && manager < MANAGER.custom) return false;
    return blocks.some((it) => this.#countsAsClient(it.file));
  }

  #countsAsClient(node: FileNode): boolean {
    return !this.#ignored.has(node) && !STATISTICS.has(node.slice(node.lastIndexOf('/') + 1));
  }

  #openOf(xid: number): Open {
    let open = this.#open.get(xid);
    if (open === undefined) {
      open = { isClient: false, messages: 0, changes: null, created: null, databases: null };
      this.#open.set(xid, open);
    }
    return open;
  }

  /** A transaction that may have begun before the first record seen could have touched anything: it counts. */
  #isClient(xids: readonly number[]): boolean {
    return xids.some((xid) => this.#open.get(xid)?.isClient === true || this.#mayHaveBegunBefore(xid));
  }

  #mayHaveBegunBefore(xid: number): boolean {
    return this.#firstWholeXid === null || precedes(xid, this.#firstWholeXid);
  }

  #settle(end: TransactionEnd): void {
    if (end.kind === 'prepare') {
      if (this.#isAfterFork) this.#prepared.set(end.top, end);
      return;
    }
    if (end.kind === 'commit' && this.#isAfterFork) this.#commit(end);
    this.#prepared.delete(end.top);
    for (const xid of end.xids) this.#open.delete(xid);
  }

  #commit(end: TransactionEnd): void {
    this.#transactions += 1;
    if (end.xids.some((xid) => this.#mayHaveBegunBefore(xid))) this.#unseenBeginnings += 1;
    if (this.#isClient(end.xids)) {
      this.#clientTransactions += 1;
      if (this.#firstCommit === null || end.at < this.#firstCommit) this.#firstCommit = end.at;
      if (this.#lastCommit === null || end.at > this.#lastCommit) this.#lastCommit = end.at;
    }
    for (const file of end.removedFiles) this.#removed.add(file);
    for (const xid of end.xids) {
      this.#committed.add(xid);
      const open = this.#open.get(xid);
      if (open !== undefined) this.#merge(open);
    }
  }

  #merge(open: Open): void {
    this.#messages += open.messages;
    for (const file of open.created ?? []) this.#created.add(file);
    for (const { oid, what } of open.databases ?? []) this.#databases[what].add(oid);
    for (const [node, counted] of open.changes ?? []) {
      const total = this.#changes.get(node);
      if (total === undefined) {
        this.#changes.set(node, counted);
        continue;
      }
      total.inserts += counted.inserts;
      total.updates += counted.updates;
      total.deletes += counted.deletes;
    }
  }
}
