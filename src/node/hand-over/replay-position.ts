/** How far the own standby has come, asked over the hand-over's session. */
import { historyFileName } from '../../core/divergence/wal-position.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type { TimelineId } from '../../core/model/timeline.ts';
import type { PostgresSession } from '../../world/postgres/session.ts';

export interface ReplayPosition {
  readonly inRecovery: boolean;
  /** Null outside recovery, or where nothing was replayed yet. */
  readonly replay: Lsn | null;
  /** Null where nothing was received since the start. */
  readonly receive: Lsn | null;
  /** Text of the asked timeline's history file in the own pg_wal; null where there is none, empty on timeline 1. */
  readonly history: string | null;
  /** A postmaster that does not start again after a crash must not lose its WAL receiver to SIGKILL. */
  readonly restartsAfterCrash: boolean;
}

interface Row {
  readonly in_recovery: boolean;
  readonly replay: string | null;
  readonly receive: string | null;
  readonly history: string | null;
  readonly restarts: boolean;
}

/** One look, at most `limitMs`; never rejects. */
export async function readReplayPosition(
  session: PostgresSession,
  timeline: TimelineId,
  limitMs: number,
): Promise<Known<ReplayPosition>> {
  const file = `'pg_wal/${historyFileName(timeline)}'`;
  const history =
    timeline === 1
      ? "''"
      : `case when (pg_stat_file(${file}, true)).size is not null then pg_read_file(${file}) end`;
  const outcome = await session.query<Row>(
    {
      name: `primacy_replay_${timeline}`,
      text: `select pg_is_in_recovery() as in_recovery, pg_last_wal_replay_lsn()::text as replay,
               pg_last_wal_receive_lsn()::text as receive, ${history} as history,
               current_setting('restart_after_crash')::boolean as restarts`,
    },
    limitMs,
  );
  if (outcome.kind === 'failed') return unknown(outcome.failure.detail);
  const [row] = outcome.rows;
  if (row === undefined) return unknown('the server gave no row');
  return known({
    inRecovery: row.in_recovery,
    replay: row.replay === null ? null : parseLsn(row.replay),
    receive: row.receive === null ? null : parseLsn(row.receive),
    history: row.history,
    restartsAfterCrash: row.restarts,
  });
}
