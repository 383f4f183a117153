/** What one look before a start showed: the node's own server, marks and data, and what the other voters answered. */
import type { LeaseId } from '../lease/lease.ts';
import type { FenceMarker } from '../model/fence-marker.ts';
import type { Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../model/names.ts';
import type { ControlData, RejoinProgress } from '../model/observation.ts';
import type { Role } from '../model/role.ts';
import type { TimelineId } from '../model/timeline.ts';

/** What a voter stands by. */
export interface VoteAtStart {
  readonly lease: LeaseId | null;
  readonly transferredTo: NodeName | null;
}

/** Another node's server. */
export interface ServerAtStart {
  readonly role: Role;
  readonly systemIdentifier: Known<SystemIdentifier>;
  readonly timeline: Known<TimelineId>;
  /** Full text of the history file; empty on timeline 1. */
  readonly history: Known<string>;
  /** Primary: end of written WAL. Standby: end of received or replayed WAL. */
  readonly lsn: Known<Lsn>;
}

/**
 * Another voter. `silent` was seen: it was asked by every path for the whole limit and gave no answer. `unknown` was not seen: it could
 * not be asked, or its answer could not be read, and then nothing may rest on its silence.
 */
export interface PeerAtStart {
  readonly vote: Known<VoteAtStart | 'silent'>;
  /** Null on a witness. */
  readonly server: Known<ServerAtStart | 'silent'> | null;
}

export interface DataAtStart {
  readonly control: ControlData;
  /** Why it cannot be this cluster's data directory: no PG_VERSION, another owner. Null = nothing is wrong. */
  readonly defect: string | null;
  readonly timeline: TimelineId;
  /** Of this node's own branch; empty on timeline 1, and where it was not read because the server runs. */
  readonly history: string;
  /** End of the last valid record. */
  readonly endLsn: Known<Lsn>;
}

/** A person's word: be primary whatever the voters say. */
export interface ForceAtStart {
  readonly reason: string;
  /** The system identifier, typed by that person. */
  readonly confirm: string;
  /** How long the override lasts at most. */
  readonly seconds: number;
  /** Who it is, for the journal. */
  readonly by: string;
}

export interface StartSnapshot {
  readonly self: NodeName;
  /** Of the configuration; null = not entered yet. */
  readonly systemIdentifier: SystemIdentifier | null;
  readonly adopted: Known<boolean>;
  /** The data directory's processes, and the role that follows from them. */
  readonly server: Known<{ readonly role: Role; readonly processes: number }>;
  readonly vipHere: Known<boolean>;
  readonly fence: Known<FenceMarker | null>;
  readonly rejoin: Known<RejoinProgress | null>;
  readonly data: Known<DataAtStart>;
  /** What else would start this server, such as an enabled unit without our drop-in. Empty = nothing is known. */
  readonly otherStarts: Known<readonly string[]>;
  /** All configured voters, self among them. */
  readonly voters: readonly NodeName[];
  readonly ownVote: Known<VoteAtStart>;
  /** All voters but self. */
  readonly peers: ReadonlyMap<NodeName, PeerAtStart>;
  /** An agent that acts is there: only it can claim a lease and promote. */
  readonly agentActs: boolean;
  readonly force: ForceAtStart | null;
}
