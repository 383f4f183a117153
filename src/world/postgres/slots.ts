/** Reads and drops replication slots, as the role `primacy`. */
import type { ReplicationSlot } from '../../core/model/replication-slot.ts';
import type { PostgresSession } from './session.ts';
import { rowsOf } from './survivor.ts';

/** A JSON list of all slots that outlive their session; an expression for a select list. */
export const SLOTS_JSON = `(select coalesce(json_agg(json_build_object(
      'name', l.slot_name, 'type', l.slot_type, 'plugin', l.plugin, 'database', l.database, 'active', l.active,
      'heldBytes', pg_wal_lsn_diff(case when pg_is_in_recovery() then pg_last_wal_replay_lsn() else pg_current_wal_lsn() end,
        l.restart_lsn)::float8,
      'confirmedLsn', l.confirmed_flush_lsn::text, 'usedBy', host(u.client_addr)) order by l.slot_name), '[]')
    from pg_replication_slots l left join pg_stat_replication u on u.pid = l.active_pid where not l.temporary)`;

/** One fresh look. Throws as `rowsOf`. */
export async function readSlots(
  session: PostgresSession,
  limitMs: number,
): Promise<readonly ReplicationSlot[]> {
  const statement = { name: 'primacy-slots', text: `select ${SLOTS_JSON} as slots` };
  const [row] = await rowsOf<{ readonly slots: readonly ReplicationSlot[] }>(session, statement, limitMs);
  return row?.slots ?? [];
}

/** Throws as `rowsOf`, also where somebody uses the slot again. */
export async function dropSlot(session: PostgresSession, name: string, limitMs: number): Promise<void> {
  const text = 'select pg_drop_replication_slot($1)';
  await rowsOf(session, { name: 'primacy-drop-slot', text, values: [name] }, limitMs);
}
