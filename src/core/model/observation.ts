/** What one look at one node showed, and all nodes' looks together. Everything that decides takes these and nothing else. */
import type { FenceMarker } from './fence-marker.ts';
import type { Known } from './known.ts';
import type { Lsn } from './lsn.ts';
import type { ClusterName, EpochMillis, NodeName, SystemIdentifier } from './names.ts';
import type { Role } from './role.ts';
import type { TimelineId } from './timeline.ts';

export const VRRP_STATES = ['INIT', 'BACKUP', 'MASTER', 'FAULT'] as const;
export type VrrpState = (typeof VRRP_STATES)[number];

/** The WAL receiver of a standby (PostgreSQL manual, table "pg_stat_wal_receiver View"). */
export interface WalReceiver {
  readonly status: string;
  readonly receivedTimeline: TimelineId;
  readonly senderHost: string | null;
  readonly senderPort: number | null;
}

/** One WAL sender of a primary (table "pg_stat_replication View"). */
export interface WalSender {
  readonly applicationName: string;
  readonly clientAddress: string | null;
  readonly state: string;
  readonly syncState: string;
  readonly replayLsn: Lsn | null;
}

/** What `pg_controldata` says of a data directory; the only source while the server is down. */
export interface ControlData {
  readonly systemIdentifier: SystemIdentifier;
  /** For example `shut down`, `in production`, `shut down in recovery`. */
  readonly state: string;
  /** Timeline of the last checkpoint: stale for minutes after a promotion, never a node's timeline (facts.md section 6). */
  readonly checkpointTimeline: TimelineId;
  readonly checkpointLsn: Lsn;
  readonly minRecoveryEndLsn: Lsn;
  readonly minRecoveryEndTimeline: number;
  /** True where pg_rewind can work: checksums or wal_log_hints. */
  readonly rewindPossible: boolean;
}

/** `synchronous_standby_names` as a new primary has put it aside, because it has no standby yet. */
export interface SuspendedNames {
  /** The setting that will be restored. */
  readonly names: string;
  /** The node whose agent did it; null where the record does not say. */
  readonly by: string | null;
  readonly at: EpochMillis;
}

export interface PostgresObservation {
  readonly role: Role;
  /** Why this role, in words: `pg_is_in_recovery() is false`, `no process of the data directory`. */
  readonly roleReason: string;
  readonly systemIdentifier: Known<SystemIdentifier>;
  readonly timeline: Known<TimelineId>;
  /** Full text of the history file of that timeline; empty on timeline 1. */
  readonly history: Known<string>;
  /** End of written WAL on a primary. */
  readonly currentLsn: Known<Lsn>;
  readonly receiveLsn: Known<Lsn>;
  readonly replayLsn: Known<Lsn>;
  /** Null where the server has no WAL receiver. */
  readonly receiver: Known<WalReceiver | null>;
  readonly senders: Known<readonly WalSender[]>;
  /** Null where nothing is suspended. A record that a standby has was copied from a primary, and means nothing there. */
  readonly suspendedSynchronous: Known<SuspendedNames | null>;
  /** Read only while the server is down. */
  readonly control: Known<ControlData>;
}

export interface VipObservation {
  /** The kernel's address list has the VIP on some interface. */
  readonly present: boolean;
  readonly interface: string | null;
}

export interface KeepalivedObservation {
  readonly running: boolean;
  /** Unknown where it runs and does not answer the JSON signal in time (stopped). */
  readonly vrrpState: Known<VrrpState>;
  readonly effectivePriority: Known<number>;
}

/** How far a rejoin got on a node; present from its first irreversible step until it is verified. */
export interface RejoinProgress {
  readonly phase: 'accounted' | 'rewinding' | 'rewound' | 'started' | 'verified';
  readonly survivor: NodeName;
  readonly startedAt: EpochMillis;
}

/** What one voter's own files say of the lease. No other node was asked for it. */
export interface LeaseObservation {
  /** The newest lease that this voter granted or was told of by its holder. */
  readonly epoch: number;
  readonly uuid: string;
  readonly holder: NodeName;
  /** Set once the holder gave it away: the lease is dead from then on. */
  readonly transferredTo: NodeName | null;
  /** This node itself is the holder, and the deadline on its tmpfs had not passed when it was read. */
  readonly entitled: boolean;
  /** The newest pause of this lease that this voter has in writing, ended or not; null = none. */
  readonly pause: PauseObservation | null;
  /** Where this node itself holds it by a person's word against the voters: that word; null = it does not. */
  readonly override: { readonly reason: string; readonly until: string } | null;
}

/** People at work, as one voter was told of it by the holder. */
export interface PauseObservation {
  /** Grows with each pause of the lease and with its end. */
  readonly number: number;
  readonly ended: boolean;
  readonly reason: string;
  readonly by: string;
  /** When it ends by itself, RFC 3339 by the holder's wall clock. */
  readonly until: string;
}

export interface NodeObservation {
  readonly node: NodeName;
  readonly kind: 'database' | 'witness';
  /** When the look began, on the node's own clock. */
  readonly at: EpochMillis;
  readonly agentRunning: Known<boolean>;
  /** Null on a witness. */
  readonly postgres: PostgresObservation | null;
  readonly vip: Known<VipObservation>;
  /** Null on a witness. */
  readonly keepalived: Known<KeepalivedObservation> | null;
  readonly fence: Known<FenceMarker | null>;
  readonly rejoin: Known<RejoinProgress | null>;
  /** Null where this voter knows of no lease. */
  readonly lease: Known<LeaseObservation | null>;
}

/** One round of looks at every node of a cluster. */
export interface Snapshot {
  readonly cluster: ClusterName;
  /** When the round began, on the observer's clock. */
  readonly at: EpochMillis;
  /** All that the configuration has, asked or not: a majority is counted of these. */
  readonly voters: number;
  readonly nodes: ReadonlyMap<NodeName, Known<NodeObservation>>;
}
