/** Writes and reads the journal. What was appended is on disk when the call returns; an entry out of order is our own bug and throws. */
import assert from 'node:assert/strict';
import type { StepKind } from '../../core/plan/plan.ts';
import type { EpochMillis } from '../../core/model/names.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import { REMEDIATION_EVENTS, type JournalEntry, type RemediationEvent } from './journal-entry.ts';
import { illegalTransition, type Happening } from './journal-rules.ts';
import type { Store } from './store.ts';

/** Entries one call returns at most. */
export const JOURNAL_READ_MAX = 1_000;

/** Appends one entry. Throws an assertion error where it may not follow the remediation's last entry. */
export async function appendEntry(store: Store, entry: JournalEntry): Promise<void> {
  if (entry.remediation !== null) {
    assert.ok(isRemediationEvent(entry.event), `${entry.event} does not belong to a remediation`);
    const last = await lastHappening(store, entry.remediation);
    const illegal = illegalTransition(last, { event: entry.event, step: entry.step });
    assert.equal(illegal, null, `journal of ${entry.remediation}: ${illegal ?? ''}`);
  }
  await store
    .insertInto('journal')
    .values({ ...entry, detail: JSON.stringify(entry.detail ?? null, replaceLsn) })
    .execute();
}

/** All entries of one remediation, oldest first. */
export async function entriesOf(store: Store, remediation: string): Promise<readonly JournalEntry[]> {
  const rows = await store
    .selectFrom('journal')
    .selectAll()
    .where('remediation', '=', remediation)
    .orderBy('id')
    .execute();
  return rows.map(entryOf);
}

/** The newest `limit` entries, oldest first; of one cluster, or of all where `cluster` is null. */
export async function readJournal(
  store: Store,
  cluster: string | null,
  limit: number,
): Promise<readonly JournalEntry[]> {
  let query = store
    .selectFrom('journal')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(Math.min(limit, JOURNAL_READ_MAX));
  if (cluster !== null) query = query.where('cluster', '=', cluster);
  const rows = await query.execute();
  return rows.toReversed().map(entryOf);
}

async function lastHappening(store: Store, remediation: string): Promise<Happening | null> {
  const row = await store
    .selectFrom('journal')
    .select(['event', 'step'])
    .where('remediation', '=', remediation)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row === undefined
    ? null
    : { event: row.event as RemediationEvent, step: row.step as StepKind | null };
}

function isRemediationEvent(event: string): event is RemediationEvent {
  return (REMEDIATION_EVENTS as readonly string[]).includes(event);
}

function entryOf(row: {
  readonly at: number;
  readonly cluster: string | null;
  readonly remediation: string | null;
  readonly node: string | null;
  readonly event: string;
  readonly step: string | null;
  readonly detail: string;
}): JournalEntry {
  return {
    at: row.at as EpochMillis,
    cluster: row.cluster,
    remediation: row.remediation,
    node: row.node,
    event: row.event as JournalEntry['event'],
    step: row.step as StepKind | null,
    detail: JSON.parse(row.detail) as unknown,
  };
}

function replaceLsn(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? formatLsn(value as Lsn) : value;
}
