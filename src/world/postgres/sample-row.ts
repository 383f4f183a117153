/** One row of the sample query, read strictly: what a server said about itself in one round trip. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import { parseLsn, type Lsn } from '../../core/model/lsn.ts';
import type { SystemIdentifier } from '../../core/model/names.ts';
import type { WalReceiver, WalSender } from '../../core/model/observation.ts';
import type { ReplicationSlot } from '../../core/model/replication-slot.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import { parseTimelineId, type TimelineId } from '../../core/model/timeline.ts';
import { readSuspended, type SuspendedSynchronous } from './suspended-synchronous.ts';

/** The heartbeat row and the server's clock in the same query, in seconds since 1970. */
export interface HeartbeatReading {
  readonly stored: number;
  readonly now: number;
}

export interface PostgresSample {
  readonly inRecovery: boolean;
  readonly dataDirectory: string;
  /** Unknown before `primacy setup` granted pg_stat_file. */
  readonly standbySignal: Known<boolean>;
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: Known<TimelineId>;
  /** Full text of the timeline's history file; empty on timeline 1. */
  readonly history: Known<string>;
  /** Only on a primary. */
  readonly currentLsn: Lsn | null;
  /** Only on a standby, and only once a WAL receiver has flushed something. */
  readonly receiveLsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  readonly receiver: WalReceiver | null;
  /** Seconds since 1970 on the clock of this server. */
  readonly receiverLastMessage: number | null;
  /** The slot by which the WAL receiver streams; null where it uses none. */
  readonly receiverSlot: string | null;
  readonly senders: readonly WalSender[];
  /** Without temporary ones. */
  readonly slots: readonly ReplicationSlot[];
  readonly rewindPossible: boolean;
  readonly heartbeat: Known<HeartbeatReading>;
  /** The newest epoch whose row is in these data; null where there is none, or it may not be read. */
  readonly dataEpoch: number | null;
  /** In force: empty also where it is suspended. */
  readonly synchronousStandbyNames: string;
  /** Null where nothing is suspended. */
  readonly suspendedSynchronous: Known<SuspendedSynchronous | null>;
}

/** The columns as `pg` hands them over: numbers, texts, parsed JSON. */
export interface SampleRow {
  readonly in_recovery: boolean;
  readonly data_directory: string;
  readonly standby_signal: boolean | null;
  readonly system_identifier: string;
  readonly timeline: number | null;
  readonly history: string | null;
  readonly current_lsn: string | null;
  readonly receive_lsn: string | null;
  readonly replay_lsn: string | null;
  readonly receiver: {
    readonly status: string;
    readonly timeline: number;
    readonly host: string | null;
    readonly port: number | null;
    readonly last_message: number | null;
  } | null;
  readonly receiver_slot: string | null;
  readonly senders: readonly {
    readonly name: string;
    readonly address: string | null;
    readonly state: string | null;
    readonly sync_state: string | null;
    readonly replay_lsn: string | null;
  }[];
  readonly slots: readonly ReplicationSlot[];
  readonly rewind_possible: boolean;
  readonly heartbeat_stored: number | null;
  readonly data_epoch: number | null;
  readonly now: number;
  readonly synchronous_standby_names: string;
  readonly suspended_synchronous: string | null;
}

const lsnOrNull = (text: string | null): Lsn | null => (text === null ? null : parseLsn(text));

/** Reads a row. Throws `output-invalid` on an LSN or timeline that is none. */
export function readSampleRow(row: SampleRow): PostgresSample {
  if (typeof row.in_recovery !== 'boolean')
    throw new PrimacyError('output-invalid', 'cannot read sample: in_recovery is not a boolean');
  return {
    inRecovery: row.in_recovery,
    dataDirectory: row.data_directory,
    standbySignal:
      row.standby_signal === null
        ? unknown('the database role may not look for standby.signal (primacy setup grants it)')
        : known(row.standby_signal),
    systemIdentifier: row.system_identifier as SystemIdentifier,
    timeline:
      row.timeline === null
        ? unknown('no WAL receiver, and a newer history file than the last checkpoint')
        : known(parseTimelineId(row.timeline)),
    history: readHistory(row),
    currentLsn: lsnOrNull(row.current_lsn),
    receiveLsn: lsnOrNull(row.receive_lsn),
    replayLsn: lsnOrNull(row.replay_lsn),
    receiver:
      row.receiver === null
        ? null
        : {
            status: row.receiver.status,
            receivedTimeline: parseTimelineId(row.receiver.timeline),
            senderHost: row.receiver.host,
            senderPort: row.receiver.port,
          },
    receiverLastMessage: row.receiver?.last_message ?? null,
    receiverSlot: row.receiver_slot,
    senders: row.senders.map((sender) => ({
      applicationName: sender.name,
      clientAddress: sender.address,
      state: sender.state ?? 'unknown',
      syncState: sender.sync_state ?? 'unknown',
      replayLsn: lsnOrNull(sender.replay_lsn),
    })),
    slots: row.slots,
    rewindPossible: row.rewind_possible,
    heartbeat:
      row.heartbeat_stored === null
        ? unknown('sr_delay could not be read (missing, empty or locked)')
        : known({ stored: row.heartbeat_stored, now: row.now }),
    dataEpoch: row.data_epoch,
    synchronousStandbyNames: row.synchronous_standby_names,
    suspendedSynchronous: readSuspended(row.suspended_synchronous),
  };
}

function readHistory(row: SampleRow): Known<string> {
  if (row.timeline === null) return unknown('the timeline is unknown');
  if (row.timeline === 1) return known('');
  return row.history === null ? unknown('the history file could not be read') : known(row.history);
}
