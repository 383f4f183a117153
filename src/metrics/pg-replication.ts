/** Who streams from whom: the WAL receiver of a standby, the senders of any server, and whether pg_rewind could work. */
import type { ReplicationSlot } from '../core/model/replication-slot.ts';
import { metric, type MetricSample } from './sample.ts';
import type { ScrapeView } from './view.ts';

/** States of a WAL sender (walsender_private.h, WalSndState); a state we do not know is counted as its own. */
const SENDER_STATES = ['startup', 'backup', 'catchup', 'streaming', 'stopping'] as const;

/** Receiver series exist only in recovery; the sender states are always all there. */
export function pgReplicationMetrics(view: ScrapeView): readonly MetricSample[] {
  if (view.postgres === null || view.postgres.sample.kind === 'unknown') return [];
  const sample = view.postgres.sample.value;
  const count = (state: string): number => sample.senders.filter((it) => it.state === state).length;
  const states = new Set([...SENDER_STATES, ...sample.senders.map((it) => it.state)]);
  return [
    ...(sample.inRecovery
      ? [metric('primacy_pg_wal_receiver_streaming', sample.receiver?.status === 'streaming' ? 1 : 0)]
      : []),
    ...(sample.receiverLastMessage === null
      ? []
      : [metric('primacy_pg_wal_receiver_last_message_timestamp_seconds', sample.receiverLastMessage)]),
    ...[...states].map((state) => metric('primacy_pg_senders', count(state), { state })),
    metric('primacy_pg_rewind_possible', sample.rewindPossible ? 1 : 0),
    ...slotMetrics(sample.slots),
    ...view.lostSlots.map(({ name, database }) =>
      metric('primacy_logical_slot_lost', 1, { slot: name, database }),
    ),
  ];
}

/** A slot that holds nothing has no series for it. */
function slotMetrics(slots: readonly ReplicationSlot[]): readonly MetricSample[] {
  return slots.flatMap(({ name: slot, type, active, heldBytes }) => [
    metric('primacy_pg_slot_active', active ? 1 : 0, { slot, type }),
    ...(heldBytes === null ? [] : [metric('primacy_pg_slot_held_bytes', heldBytes, { slot, type })]),
  ]);
}
