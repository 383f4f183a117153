/** Looks at every other database node by SQL at its own address, and keeps what was last seen of it directly. */
import type { ClusterConfig, NodeConfig } from '../config/schema.ts';
import type { Lsn } from '../core/model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../core/model/names.ts';
import type { Sight } from '../core/model/node-report.ts';
import type { Role } from '../core/model/role.ts';
import type { Log } from './log.ts';

/**
 * How a look ended. `rejected` is an error answer (too many clients, wrong password) and `not-now` SQLSTATE 57P03: both prove that the
 * server lives. `refused`: its host answered that nothing listens. `silent`: no answer in time, or no way to that host.
 */
export const PEER_ANSWERS = ['answered', 'not-now', 'rejected', 'refused', 'silent'] as const;
export type PeerAnswer = (typeof PEER_ANSWERS)[number];

/** The newest look. Moments in boot-time milliseconds (world/clock.ts). */
export interface PeerLook {
  readonly beganAt: number;
  readonly endedAt: number;
  readonly answer: PeerAnswer;
  /** primary or standby only where it said so itself in this look; starting for `not-now`, down for `refused`, else unknown. */
  readonly role: Role;
  /** For people, without full stop. */
  readonly detail: string;
}

/** What a server said of itself. */
export interface PeerServer {
  /** When the look began that brought it. */
  readonly at: number;
  readonly role: 'primary' | 'standby';
  readonly systemIdentifier: SystemIdentifier;
  readonly timeline: number | null;
  /** As in `ServerReport`: first 16 hex digits of the sha256 of the history file's text. */
  readonly historyHash: string | null;
  /** Primary: end of written WAL. Standby: end of received WAL. */
  readonly lsn: Lsn | null;
  readonly replayLsn: Lsn | null;
  /** sr_delay.sr_date, seconds since 1970 by the writer's clock. */
  readonly heartbeat: number | null;
}

export interface PeerView {
  /** Null before the first look ended. */
  readonly look: PeerLook | null;
  /** The last time it answered; null = never since this agent was started. */
  readonly answered: PeerServer | null;
  /** The last time it answered as a primary: the yardstick of what a failover would lose (F10). */
  readonly asPrimary: PeerServer | null;
}

export interface PeerProbe {
  /** Newest look at each other database node that was looked at. */
  readonly sights: () => readonly Sight[];
  /** Everything null for a node that is not probed. */
  readonly of: (node: NodeName) => PeerView;
  /** Probes until the signal is aborted, then closes its sessions. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

export interface PeerProbeParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly log: Log;
}

/** Makes the probe. Connects to nothing before `run`. */
export function createPeerProbe(parts: PeerProbeParts): PeerProbe {
  const nothing: PeerView = { look: null, answered: null, asPrimary: null };
  return { sights: () => [], of: () => nothing, run: () => Promise.reject(new Error(parts.node.name)) };
}
