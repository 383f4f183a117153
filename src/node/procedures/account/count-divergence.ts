/** Finds where this node parted from the survivor and counts what it committed after that. */
import { compareBranches } from '../../../core/divergence/compare-branches.ts';
import { createTransactionCounter } from '../../../core/divergence/count-transactions.ts';
import type { TransactionCount } from '../../../core/divergence/transaction-count.ts';
import type { FileNode } from '../../../core/divergence/wal-record.ts';
import { isCheckpoint } from '../../../core/divergence/xlog-facts.ts';
import { formatLsn, type Lsn } from '../../../core/model/lsn.ts';
import { PrimacyError } from '../../../core/model/primacy-error.ts';
import { parseHistory } from '../../../core/model/timeline.ts';
import type { ControlFile } from '../../../world/postgres/control-data.ts';
import type { PostgresSession } from '../../../world/postgres/session.ts';
import type { SurvivorFacts } from '../../../world/postgres/survivor.ts';
import type { ProcedureContext } from '../context.ts';
import { oldestStart, scanStart, scanWal, unbrokenFrom, type LoserWal } from './loser-wal.ts';
import { commonEnd } from './same-timeline.ts';

export interface Divergence {
  readonly forkLsn: Lsn;
  readonly endLsn: Lsn;
  readonly transactions: number;
  readonly clientTransactions: number;
  /** What was counted, and from where on; null where nothing diverged. */
  readonly counted: { readonly count: TransactionCount; readonly from: Lsn } | null;
}

export interface Evidence {
  readonly control: ControlFile;
  readonly wal: LoserWal;
  readonly survivor: SurvivorFacts;
  readonly session: PostgresSession;
  readonly ignored: ReadonlySet<FileNode>;
}

/** Throws `refused` wherever WAL is missing or ends too early: an account is exact or there is none. */
export async function countDivergence(context: ProcedureContext, evidence: Evidence): Promise<Divergence> {
  const { wal, survivor, session, ignored } = evidence;
  const theirs = { timeline: survivor.timeline, history: parseHistory(survivor.history) };
  const comparison = compareBranches(wal.branch, theirs);
  if (comparison.kind === 'parted') return countFrom(context, evidence, comparison.at);
  // Nothing that was written before the newest file we still hold can be compared, nor need it be.
  const oldest = scanStart(wal, evidence.control.checkpointLsn);
  const begin = comparison.begin > oldest ? comparison.begin : oldest;
  const { endLsn } = await countFrom(context, { ...evidence, ignored: new Set() }, begin);
  const fork = await commonEnd(context, wal, session, begin, endLsn);
  if (fork === begin && begin > comparison.begin)
    throw new PrimacyError(
      'refused',
      `cannot account for what was committed: the two differ in all WAL that ${context.node.name} still has`,
    );
  return fork === endLsn
    ? { forkLsn: endLsn, endLsn, transactions: 0, clientTransactions: 0, counted: null }
    : countFrom(context, { ...evidence, ignored }, fork);
}

async function countFrom(context: ProcedureContext, evidence: Evidence, fork: Lsn): Promise<Divergence> {
  const { control, wal } = evidence;
  const from = fork < control.checkpointLsn ? fork : control.checkpointLsn;
  unbrokenFrom(wal, from);
  const near = scanStart(wal, from);
  const divergence = await countWithin(context, evidence, fork, near);
  const oldest = oldestStart(wal, from);
  if (divergence.counted?.count.unseenBeginnings === 0 || oldest === near) return divergence;
  // A transaction that spans the fork may have begun long before it: then all WAL that is left is read.
  return countWithin(context, evidence, fork, oldest);
}

async function countWithin(
  context: ProcedureContext,
  { control, wal, ignored }: Evidence,
  fork: Lsn,
  start: Lsn,
): Promise<Divergence> {
  const counter = createTransactionCounter({ fork, ignored });
  let holdsCheckpoint = false;
  const end = await scanWal(context, wal, start, (record) => {
    counter.add(record);
    holdsCheckpoint ||= isCheckpoint(record) && record.lsn === control.checkpointLsn;
  });
  const endLsn = end ?? (0n as Lsn);
  // A scan that ends before what the control file vouches for has met a hole, not the end.
  if (endLsn <= control.checkpointLsn || endLsn < control.minRecoveryEndLsn)
    throw new PrimacyError(
      'refused',
      `cannot account for what was committed: WAL ends at ${formatLsn(endLsn)}, before the last checkpoint or recovery point`,
    );
  // A server that streamed from another history has that one's records in its own files (facts.md section 6): they tell nothing of its rows.
  if (!holdsCheckpoint)
    throw new PrimacyError(
      'refused',
      `cannot account for what was committed: its WAL has no checkpoint at ${formatLsn(control.checkpointLsn)}, as its control file says: another server's WAL was written over it`,
    );
  const forkLsn = fork < endLsn ? fork : endLsn;
  const count = counter.result();
  const { transactions, clientTransactions } = count;
  return { forkLsn, endLsn, transactions, clientTransactions, counted: { count, from: start } };
}
