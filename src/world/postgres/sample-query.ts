/** The one query behind every look at a server: role, identity, history, positions, replication and heartbeat in one round trip. */
import type { Statement } from './session.ts';
import { SLOTS_JSON } from './slots.ts';
import { SUSPENDED_SETTING } from './suspended-synchronous.ts';

/** What the database role may read; without `primacy setup` parts are missing and become unknown. */
export interface Capabilities {
  /** pg_stat_file and pg_read_file: standby.signal and the history file's text. */
  readonly files: boolean;
  /** public.sr_delay exists and may be read. */
  readonly heartbeat: boolean;
  /** primacy.epoch exists and may be read. */
  readonly epochs: boolean;
}

export const capabilityQuery: Statement = {
  name: 'primacy_capabilities',
  text: `select has_function_privilege('pg_stat_file(text, boolean)', 'execute')
            and has_function_privilege('pg_read_file(text)', 'execute') as files,
          coalesce(has_table_privilege(to_regclass('public.sr_delay')::oid, 'select'), false) as heartbeat,
          coalesce(has_table_privilege(to_regclass('primacy.epoch')::oid, 'select'), false) as epochs`,
};

/** A history file line is under 100 bytes; this is room for more branches than a cluster can have. */
const HISTORY_LIMIT_BYTES = 65_536;
const HISTORY_FILE = "'pg_wal/' || upper(lpad(to_hex(t.timeline), 8, '0')) || '.history'";

/**
 * Timeline of a standby that has no WAL receiver. The control file gives a lower bound: replay has reached that timeline.
 * A server can only replay a later timeline with that timeline's history file in pg_wal, so without a later history file
 * the bound is exact; with one it is unknown (the file appears before the server switches), and unknown is null.
 */
export const REPLAYED_TIMELINE = `
    select case when bound.timeline >= coalesce((
        select max(('x' || left(name, 8))::bit(32)::bigint) from pg_ls_waldir() where name ~ '^[0-9A-F]{8}\\.history$'), 1)
      then bound.timeline end
    from (select greatest(c.timeline_id, k.min_recovery_end_timeline)::bigint as timeline
          from pg_control_checkpoint() c, pg_control_recovery() k) bound`;

/** Composes the query from what may be read: a relation or function that is missing would fail the whole statement. */
export function sampleQuery(capabilities: Capabilities): Statement {
  const { files, heartbeat, epochs } = capabilities;
  return {
    name: `primacy_sample_${files ? 'files' : 'bare'}_${heartbeat ? 'heartbeat' : 'none'}_${epochs ? 'epochs' : 'none'}`,
    text: `
select r.in_recovery,
  case when pg_has_role('pg_read_all_settings', 'usage') then current_setting('data_directory') else '' end as data_directory,
  ${files ? "(pg_stat_file('standby.signal', true)).size is not null" : 'null::boolean'} as standby_signal,
  (pg_control_system()).system_identifier::text as system_identifier,
  t.timeline::float8 as timeline,
  ${
    files
      ? `case when t.timeline > 1 and (pg_stat_file(${HISTORY_FILE}, true)).size <= ${HISTORY_LIMIT_BYTES}
           then pg_read_file(${HISTORY_FILE}) end`
      : 'null::text'
  } as history,
  case when not r.in_recovery then pg_current_wal_lsn()::text end as current_lsn,
  case when r.in_recovery then pg_last_wal_receive_lsn()::text end as receive_lsn,
  case when r.in_recovery then pg_last_wal_replay_lsn()::text end as replay_lsn,
  case when w.pid is not null and w.received_tli is not null then json_build_object(
    'status', w.status, 'timeline', w.received_tli, 'host', w.sender_host, 'port', w.sender_port,
    'last_message', extract(epoch from w.last_msg_receipt_time)::float8) end as receiver,
  w.slot_name as receiver_slot,
  (select coalesce(json_agg(json_build_object(
      'name', application_name, 'address', host(client_addr), 'state', state,
      'sync_state', sync_state, 'replay_lsn', replay_lsn::text)), '[]') from pg_stat_replication) as senders,
  ${SLOTS_JSON} as slots,
  current_setting('wal_log_hints')::boolean or current_setting('data_checksums')::boolean as rewind_possible,
  ${heartbeat ? '(select extract(epoch from sr_date)::float8 from public.sr_delay where id = 1)' : 'null::float8'} as heartbeat_stored,
  ${epochs ? '(select max(epoch)::float8 from primacy.epoch)' : 'null::float8'} as data_epoch,
  extract(epoch from now())::float8 as now,
  current_setting('synchronous_standby_names') as synchronous_standby_names,
  current_setting('${SUSPENDED_SETTING}', true) as suspended_synchronous
from (select pg_is_in_recovery() as in_recovery offset 0) r
left join pg_stat_wal_receiver w on r.in_recovery
cross join lateral (select case
  when not r.in_recovery then ('x' || left(pg_walfile_name(pg_current_wal_lsn()), 8))::bit(32)::bigint
  when w.received_tli is not null then w.received_tli::bigint
  else (${REPLAYED_TIMELINE}) end as timeline offset 0) t`,
  };
}
