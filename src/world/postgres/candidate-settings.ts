/** What a standby's own server says of its fitness to be primary, in one round trip beside the sample. */
import type { SqlOutcome, PostgresSession, Statement } from './session.ts';

export interface CandidateSettings {
  readonly replayPaused: boolean;
  readonly applyDelayMs: number;
  /** Text of primary_conninfo; may hold a password: never to be shown. */
  readonly primaryConninfo: string;
  readonly defaultReadOnly: boolean;
  /** Greatest timeline of which a history file lies in pg_wal; 1 where there is none. */
  readonly newestHistory: number;
  /** Application name that this standby shows to its primary, by which a synchronous set names it. */
  readonly streamsAs: string;
}

interface Row {
  readonly replay_paused: boolean;
  readonly apply_delay: number;
  readonly conninfo: string;
  readonly read_only: boolean;
  readonly newest_history: number;
  readonly cluster_name: string;
}

const QUERY: Statement = {
  name: 'primacy_candidate_settings',
  text: `select case when pg_is_in_recovery() then pg_is_wal_replay_paused() else false end as replay_paused,
  (select setting::float8 from pg_settings where name = 'recovery_min_apply_delay') as apply_delay,
  current_setting('primary_conninfo') as conninfo,
  (select reset_val = 'on' from pg_settings where name = 'default_transaction_read_only') as read_only,
  current_setting('cluster_name') as cluster_name,
  coalesce((select max(('x' || left(name, 8))::bit(32)::bigint)::float8 from pg_ls_waldir()
    where name ~ '^[0-9A-F]{8}\\.history$'), 1) as newest_history`,
};

/** Asks once, within `limitMs`; never rejects. */
export async function readCandidateSettings(
  session: PostgresSession,
  limitMs: number,
): Promise<SqlOutcome<CandidateSettings>> {
  const outcome = await session.query<Row>(QUERY, limitMs);
  if (outcome.kind === 'failed') return outcome;
  const rows = outcome.rows.map((row) => ({
    replayPaused: row.replay_paused,
    applyDelayMs: row.apply_delay,
    primaryConninfo: row.conninfo,
    defaultReadOnly: row.read_only,
    newestHistory: row.newest_history,
    streamsAs: conninfoValue(row.conninfo, 'application_name') ?? (row.cluster_name || 'walreceiver'),
  }));
  return { ...outcome, rows };
}

/** One keyword's value in a connection string `keyword=value keyword='quoted'` (manual, section 34.1.1); null where it is not there. */
export function conninfoValue(conninfo: string, keyword: string): string | null {
  for (const match of conninfo.matchAll(/(\w+)\s*=\s*(?:'((?:[^'\\]|\\.)*)'|(\S*))/g)) {
    if (match[1] === keyword) return (match[2] ?? match[3] ?? '').replaceAll(/\\(.)/g, '$1');
  }
  return null;
}
