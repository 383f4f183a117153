/** What a running standby is asked before it is pointed at another primary: its branch, its end of WAL, and where it asks for more. */
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import { parseTimelineId, type TimelineId } from '../../core/model/timeline.ts';
import { REPLAYED_TIMELINE } from './sample-query.ts';
import type { PostgresSession, Statement } from './session.ts';
import { rowsOf } from './survivor.ts';

export interface StandbyState {
  readonly systemIdentifier: SystemIdentifier;
  readonly inRecovery: boolean;
  /** True once it has replayed all WAL it has and waits for more: only then is `endLsn` its end. */
  readonly waitsForWal: boolean;
  /** Null where a newer history file lies about that it may or may not have followed. */
  readonly timeline: TimelineId | null;
  /** Text of that timeline's history file; empty on timeline 1. */
  readonly history: string;
  /** End of all WAL it has received or replayed. */
  readonly endLsn: Lsn;
  readonly segmentBytes: number;
  /** The last checkpoint or restart point, as the control file has it. */
  readonly checkpoint: { readonly timeline: TimelineId; readonly lsn: Lsn };
  readonly primaryConninfo: string;
  readonly receiver: { readonly status: string; readonly host: string; readonly port: number } | null;
}

interface Row {
  readonly system_identifier: string;
  readonly in_recovery: boolean;
  readonly waits: boolean;
  readonly timeline: number | null;
  readonly history: string | null;
  readonly end_lsn: string | null;
  readonly segment_bytes: string;
  readonly checkpoint_timeline: number;
  readonly checkpoint_lsn: string;
  readonly conninfo: string;
  readonly status: string | null;
  readonly host: string | null;
  readonly port: number | null;
}

const HISTORY_FILE = "'pg_wal/' || upper(lpad(to_hex(t.timeline), 8, '0')) || '.history'";

/** `RecoveryWalStream` and `RecoveryRetrieveRetryInterval` (table "Wait Events of Type"): the startup process has nothing left to replay. */
const STATE: Statement = {
  name: 'primacy-standby-state',
  text: `
    select (select system_identifier::text from pg_control_system()) as system_identifier,
      pg_is_in_recovery() as in_recovery,
      exists (select from pg_stat_activity where backend_type = 'startup'
        and wait_event in ('RecoveryWalStream', 'RecoveryRetrieveRetryInterval')) as waits,
      t.timeline::float8 as timeline,
      case when t.timeline > 1 and (pg_stat_file(${HISTORY_FILE}, true)).size is not null
        then pg_read_file(${HISTORY_FILE}) end as history,
      greatest(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())::text as end_lsn,
      pg_size_bytes(current_setting('wal_segment_size'))::text as segment_bytes,
      c.timeline_id as checkpoint_timeline, c.checkpoint_lsn::text as checkpoint_lsn,
      current_setting('primary_conninfo') as conninfo,
      w.status, w.sender_host as host, w.sender_port as port
    from pg_control_checkpoint() c
    left join pg_stat_wal_receiver w on true
    cross join lateral (select coalesce(w.received_tli::bigint, (${REPLAYED_TIMELINE})) as timeline) t`,
};

/** One look. Throws as `rowsOf`; a server without an end of WAL, such as a primary, has `inRecovery` false and position 0. */
export async function readStandbyState(session: PostgresSession, limitMs: number): Promise<StandbyState> {
  const [row] = await rowsOf<Row>(session, STATE, limitMs);
  const history = row?.timeline === 1 ? '' : (row?.history ?? null);
  return {
    systemIdentifier: (row?.system_identifier ?? '') as SystemIdentifier,
    inRecovery: row?.in_recovery ?? false,
    waitsForWal: row?.waits ?? false,
    timeline:
      row === undefined || row.timeline === null || history === null ? null : parseTimelineId(row.timeline),
    history: history ?? '',
    endLsn: parseLsn(row?.end_lsn ?? '0/0'),
    segmentBytes: Number(row?.segment_bytes ?? 0),
    checkpoint: {
      timeline: parseTimelineId(row?.checkpoint_timeline ?? 1),
      lsn: parseLsn(row?.checkpoint_lsn ?? '0/0'),
    },
    primaryConninfo: row?.conninfo ?? '',
    receiver:
      row?.status === undefined || row.status === null || row.host === null || row.port === null
        ? null
        : { status: row.status, host: row.host, port: row.port },
  };
}
