/** Everything that F1 to F22 are judged from: what one standby knows of itself, of the primary and of the others, each known or unknown. */
import type { Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import type { Role } from '../model/role.ts';
import type { SynchronousWord } from '../model/synchronous-word.ts';
import type { Candidate } from './choose-successor.ts';

/** This node's own server. Durations in milliseconds of this host's clock. */
export interface CandidateServer {
  readonly role: Role;
  readonly roleReason: string;
  readonly replayPaused: Known<boolean>;
  /** recovery_min_apply_delay. */
  readonly applyDelayMs: Known<number>;
  readonly freeDiskBytes: Known<number>;
  readonly systemIdentifier: Known<string>;
  readonly timeline: Known<number>;
  /** As in `NodeReport`: the history file's text, hashed. */
  readonly historyHash: Known<string>;
  /** A WAL receiver streams and its position moved, or was confirmed by the sender, in the observation time. */
  readonly receiving: Known<boolean>;
  readonly receiveLsn: Known<Lsn>;
  /** The replayed sr_delay.sr_date, seconds since 1970 by the primary's clock. */
  readonly heartbeat: Known<number>;
  readonly heartbeatUnchangedMs: Known<number>;
  /** As in `NodeReport`; null = not known. */
  readonly dataEpoch: number | null;
  /** Application name under which it streams. */
  readonly streamsAs: Known<string>;
  /** Why it could not serve as primary as it is configured; null = it could. */
  readonly cannotServe: Known<string | null>;
}

/** What the last primary said of itself when it was last seen directly: by SQL at its own address, or by its agent. */
export interface LastPrimary {
  readonly node: NodeName;
  readonly ageMs: number;
  readonly systemIdentifier: Known<string>;
  readonly timeline: Known<number>;
  readonly historyHash: Known<string>;
  readonly lsn: Known<Lsn>;
  /** Seconds since 1970 by its own clock. */
  readonly heartbeat: Known<number>;
  /** How its commits waited for standbys. */
  readonly synchronous: Known<SynchronousWord>;
}

/**
 * How the last primary's server answered: `answers` = it lives and may be a primary, `standby` = it says itself that it is in recovery,
 * `refused` = its host without it, `silent` = nothing in time.
 */
export type Reach = 'answers' | 'standby' | 'refused' | 'silent';

export interface FailoverSnapshot {
  readonly self: NodeName;
  readonly priority: number;
  /** The node that gave its lease to this one; excused from F16, because its proof is newer than its last word. Null on silence. */
  readonly giver: NodeName | null;
  /** F1: what people or programs do here that must not be overruled; null = nothing. */
  readonly work: Known<string | null>;
  /** F2: failovers of this node that no verified rejoin followed, ages in milliseconds. */
  readonly failoverAgesMs: Known<readonly number[]>;
  readonly server: CandidateServer;
  /** The one that primacy.yml names; null where it names none. */
  readonly configuredSystemIdentifier: string | null;
  readonly lastPrimary: Known<LastPrimary>;
  /** How much later than this node another voter heard the last primary, as far as fresh answers tell: what it wrote then was never seen here. */
  readonly unheardMs: number;
  readonly primarySql: Known<Reach>;
  readonly primaryHost: Known<Reach>;
  /** Null where no gateway is configured. */
  readonly gatewayAnswers: Known<boolean> | null;
  /** Null where no witness is configured. `primaryAgeMs`: since it last saw the primary alive; null = never since it was started. */
  readonly witness: Known<{ readonly seesPrimary: boolean; readonly primaryAgeMs: number | null }> | null;
  readonly votersSeen: Known<number>;
  readonly voters: number;
  /** Configured database nodes, this one and the last primary included. */
  readonly databases: number;
  readonly grantable: Known<boolean>;
  /** Nodes other than this one that somebody sees writable now. */
  readonly otherPrimaries: Known<readonly NodeName[]>;
  /** Standbys heard just now. */
  readonly rivals: Known<readonly Candidate[]>;
  readonly vipAnswered: Known<boolean>;
  /** F21: what is wrong with keepalived; null = nothing. */
  readonly keepalivedFault: Known<string | null>;
  /** F22: the wall clock was not stepped while this was observed. */
  readonly clockSteady: Known<boolean>;
  readonly limits: FailoverLimits;
}

export interface FailoverLimits {
  readonly cooldownMs: number;
  readonly perHour: number;
  readonly lossHeartbeatSeconds: number;
  readonly lossBytes: number;
  readonly heartbeatStaleMs: number;
  readonly minFreeDiskBytes: number;
}
