/** Asks a standby to become primary, by SQL: no program has to be started for it. */
import type { PostgresSession, SqlOutcome, Statement } from './session.ts';

const REQUEST: Statement = {
  name: 'primacy_promote',
  text: `select pg_promote(false) as asked, current_setting('synchronous_standby_names') as synchronous`,
};

const STATE: Statement = {
  name: 'primacy_promoted',
  text: 'select pg_is_in_recovery() as in_recovery',
};

/** The first write of the new primary: it proves that it can be written, and names its timeline among equal ones. */
const EPOCH_ROW = `with written as (
    insert into primacy.epoch (id, node, epoch, written_at) values ($1, $2, $3, now())
    on conflict (id) do nothing)
  select ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::bigint::text as timeline`;

export interface PromotionRequested {
  /** `synchronous_standby_names`. */
  readonly synchronous: string;
}

/** Requests the promotion and does not wait for it. Needs `grant execute on function pg_promote` (`primacy setup`). */
export function requestPromotion(
  session: PostgresSession,
  limitMs: number,
): Promise<SqlOutcome<PromotionRequested>> {
  return session.query<PromotionRequested>(REQUEST, limitMs);
}

/** True while the server is in recovery; null where it did not answer. */
export async function isInRecovery(session: PostgresSession, limitMs: number): Promise<boolean | null> {
  const outcome = await session.query<{ readonly in_recovery: boolean }>(STATE, limitMs);
  return outcome.kind === 'rows' ? (outcome.rows[0]?.in_recovery ?? null) : null;
}

/** Writes the epoch row, once per lease, and gives the timeline on which it was written. */
export function writeEpochRow(
  session: PostgresSession,
  row: { readonly uuid: string; readonly node: string; readonly epoch: number },
  limitMs: number,
): Promise<SqlOutcome<{ readonly timeline: string }>> {
  const values = [row.uuid, row.node, row.epoch];
  return session.query({ name: 'primacy_epoch', text: EPOCH_ROW, values }, limitMs);
}
