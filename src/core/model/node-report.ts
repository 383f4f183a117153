/** What each agent tells the others with every datagram: gossip that explains and compares, never a vote. Small: it must fit one packet. */
import type { NodeName, SystemIdentifier } from './names.ts';
import type { Role } from './role.ts';
import type { SynchronousWord } from './synchronous-word.ts';

/** How a node sees another database node with its own eyes: by SQL at that node's own address, never by the VIP. */
export interface Sight {
  readonly node: NodeName;
  readonly role: Role;
  /** Age of the look when the report was made, milliseconds. */
  readonly ageMs: number;
}

/** This node's server. LSNs as text (`0/3000060`); null = not known or has none. */
export interface ServerReport {
  readonly role: Role;
  readonly systemIdentifier: SystemIdentifier | null;
  readonly timeline: number | null;
  /** sha256 of the history file's full text, first 16 hex digits; null where unknown. Timeline 1: of the empty text. */
  readonly historyHash: string | null;
  /** Primary: end of written WAL. Standby: end of received WAL. */
  readonly lsn: string | null;
  readonly replayLsn: string | null;
  /** sr_delay.sr_date as this server has it, seconds since 1970 by the writer's clock. */
  readonly heartbeat: number | null;
  /** The newest epoch in which these data were written, by the row that each primary commits first; null = not known. */
  readonly dataEpoch: number | null;
  /** Primary: how its commits wait for standbys; null where that is not known, or on the way to become one. Standby: null. */
  readonly synchronous: SynchronousWord | null;
  /** Standby: the application name under which it streams; null = not known. Primary: null. */
  readonly streamsAs: string | null;
}

/** The last word of a primary that a node heard itself, never by hearsay: voters remember it for a standby that could not hear it. */
export interface RememberedPrimary {
  readonly node: NodeName;
  /** When the report was made, milliseconds. */
  readonly ageMs: number;
  readonly server: ServerReport;
  /** Of the lease under which it was primary, as its own vote had it; 0 = it had none. */
  readonly epoch: number;
}

export interface NodeReport {
  readonly node: NodeName;
  readonly kind: 'database' | 'witness';
  /** True while the agent acts (adopted); false while it only observes. */
  readonly adopted: boolean;
  /** Null on a witness. */
  readonly server: ServerReport | null;
  readonly holdsVip: boolean | null;
  readonly fenced: boolean | null;
  /** Would pass every criterion that is its own business now (F1-F5, F20, F21): a holder that is dying names such a successor. */
  readonly readyToSucceed: boolean;
  readonly priority: number;
  readonly sights: readonly Sight[];
  /** The primary that was heard last; null = none since this agent was started. */
  readonly remembers?: RememberedPrimary | null;
}
