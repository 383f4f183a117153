/** What the keeper of a database node is to do now, and everything that this is decided from. Moments are boot-time milliseconds. */
import type { ClockReading } from '../lease/exchange.ts';
import type { LeaseId } from '../lease/lease.ts';
import type { VoterView } from '../lease/message.ts';
import type { FenceMarker } from '../model/fence-marker.ts';
import type { Known } from '../model/known.ts';
import type { Lsn } from '../model/lsn.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeReport } from '../model/node-report.ts';
import type { FailoverDecision, Way } from './criterion.ts';

export const DUTIES = [
  /** Not adopted: look, vote and report, touch nothing. */
  'observe',
  /** Entitled, and the server is writable: renew, keep the gate. */
  'hold',
  /** Writable, or the VIP is here, without a lease: end it at once. */
  'fence',
  /** Entitled, but the server cannot serve: prove its death and give the lease to a successor, or start it again here. */
  'step-down',
  /** Entitled, and the server has come back in recovery: promote it. */
  'promote-here',
  /** The last holder gave its lease to this node. */
  'succeed',
  /** The last holder fell silent, the voters have waited, every criterion passes. */
  'take-over',
  /** A writable primary that was adopted just now: the first lease of the cluster. */
  'adopt-lease',
  /** The last lease was this node's own, it ran out, and nobody holds another. */
  'reclaim',
  /** Down, or on another branch, while somebody else is primary: become its standby. */
  'join',
  /** A running standby that does not ask the holder for WAL: point it there. */
  'follow',
  /** Down, and nobody is known to be primary: start as a standby. */
  'start',
  /** Nothing that may be done now. */
  'wait',
] as const;
export type DutyKind = (typeof DUTIES)[number];

/** Why a holder gives up its place. */
export const STEP_DOWN_CAUSES = [
  'dead',
  'silent',
  'cannot-write',
  'no-vip',
  'guards-missing',
  'not-back',
  'switchover',
] as const;
export type StepDownCause = (typeof STEP_DOWN_CAUSES)[number];

interface Because {
  /** One sentence without full stop. */
  readonly reason: string;
}

export type Duty =
  | (Because & { readonly kind: 'observe' | 'hold' | 'fence' | 'promote-here' | 'reclaim' })
  | (Because & { readonly kind: 'adopt-lease' | 'start' | 'wait' | 'take-over' })
  /** `successor`: who gets the lease once the death is proven; null = nobody is ready, start it again here. */
  | (Because & {
      readonly kind: 'step-down';
      readonly cause: StepDownCause;
      readonly successor: NodeName | null;
    })
  | (Because & { readonly kind: 'succeed'; readonly from: NodeName })
  | (Because & { readonly kind: 'join' | 'follow'; readonly holder: NodeName });

/**
 * The server as its processes show it, without asking it: `writable` = outside recovery (walwriter), `recovery` = a startup process,
 * `between` = a postmaster alone, starting or stopping; `orphans` = processes without a postmaster, which still write.
 * A server that answers that it is not in recovery is writable, whatever its processes look like.
 */
export type ServerState = 'writable' | 'recovery' | 'between' | 'orphans' | 'none' | 'unknown';

export interface DutyServer {
  readonly state: ServerState;
  /** Since when it is in this state. */
  readonly since: number;
  /** In recovery: it answered so, which it does not before it has replayed its own WAL. */
  readonly answersInRecovery: boolean;
  /** For `none`: the control file says that it was shut down in order, so that somebody may be about to start it again. */
  readonly endedCleanly: boolean;
  /** Since when session, new connection and its processes have all been silent; null = it shows life. */
  readonly silentSince: number | null;
  /** Since when two different writes have failed; null = it can be written, or nobody knows otherwise. */
  readonly cannotWriteSince: number | null;
  /** Standby: the configured node that it receives WAL from now; null = none. */
  readonly streamsFrom: NodeName | null;
  /** Standby: since when it receives from nobody; null while it streams. */
  readonly notStreamingSince: number | null;
  /** Standby: the configured node that primary_conninfo names; null = none or empty, undefined = not read since the server began. */
  readonly pointsTo: NodeName | null | undefined;
}

export interface DutyLease {
  /** Until when this node is entitled; null = it is not. */
  readonly entitledUntil: number | null;
  /** Since when it is, without a gap; null = it is not. */
  readonly entitledSince: number | null;
  /** It is by a person's override alone, not by a majority of the voters. */
  readonly forced: boolean;
  /** People are at work: the pause of `newest` that stands, in words; null = none. */
  readonly pause: string | null;
  /** The newest lease that this voter or any fresh answer of another voter knows. */
  readonly newest: { readonly lease: LeaseId; readonly transferredTo: NodeName | null } | null;
  /**
   * A majority granted `newest` to this node at some time, or it is a claim in vain that continued such a lease: nobody was primary since.
   * A claim that found no majority names this node as well, and proves nothing about its data.
   */
  readonly newestWasHeld: boolean;
  /** When the holder of `newest` was last heard, by this voter or by another whose fresh answer says so; null = by none. */
  readonly holderHeardAt: number | null;
  /** A transfer that names this node. */
  readonly bequest: { readonly lease: LeaseId } | null;
  /** A claim would find a majority now. */
  readonly mayClaim: boolean;
  /** Fresh answers, this node's own vote included, come from a majority of all configured voters. */
  readonly majoritySeen: boolean;
}

/** Another node, by its last word. */
export interface OtherNode {
  readonly node: NodeName;
  readonly heardAt: number;
  readonly clock: ClockReading | null;
  /** Its newest answer; null where it never answered. What is heard need not hear. */
  readonly answer: {
    /** When the request was sent: what the answer reports is no older than that, however late it was taken from a socket. */
    readonly sentAt: number;
    readonly report: NodeReport;
    /** What its own vote stands by. */
    readonly view: Pick<VoterView, 'lease' | 'transferredTo'>;
  } | null;
  readonly report: NodeReport;
}

/** Milliseconds. */
export interface DutyLimits {
  readonly handOverMs: number;
  readonly postgresSilenceMs: number;
  readonly cannotWriteMs: number;
  /** How long keepalived may take to bring the VIP to a holder whose gate is open. */
  readonly vipMissingMs: number;
  /** How long a primary that was adopted while it ran may be without its lease: it was not less writable before. */
  readonly adoptionGraceMs: number;
  /** How long the fuse may be missing before this node counts itself entitled no more. */
  readonly guardGraceMs: number;
  /** How long a standby may receive from nobody, while somebody is primary, before it joins anew. */
  readonly joinPatienceMs: number;
  /** A word of another node older than this is none. */
  readonly freshMs: number;
  /** A holder that was heard within this time holds. */
  readonly promotionWaitMs: number;
}

export interface DutySnapshot {
  readonly self: NodeName;
  readonly now: number;
  /** Unknown binds like "adopted" and permits like "not adopted". */
  readonly adopted: Known<boolean>;
  /** When the adoption of a running node was seen to appear; null where it was there from the start, or is not there. */
  readonly adoptedSince: number | null;
  readonly marker: Known<FenceMarker | null>;
  /** What another program does on this node under the node lock; null = nothing. */
  readonly busy: string | null;
  readonly lease: DutyLease;
  /** Where the WAL ends that this node owes for its lease (debt.ts); null = it owes none. */
  readonly debt: Known<Lsn | null>;
  readonly server: DutyServer;
  readonly vipHere: Known<boolean>;
  /** Since when the gate is open and the kernel does not have the VIP all the same; null = it has, or the gate is not open. */
  readonly vipMissingSince: number | null;
  /** Since when the fuse is missing; null while it runs or is not configured. */
  readonly guardsMissingSince: number | null;
  /** The kernel itself ends client traffic with the lease. */
  readonly kernelLease: boolean;
  readonly others: readonly OtherNode[];
  /** The criteria as they stand; a way that was not judged permits nothing. */
  readonly failover: Partial<Readonly<Record<Way, FailoverDecision>>>;
  readonly limits: DutyLimits;
}

/** The fuse has been missing for longer than its restart takes: such a node does not become or stay primary as if all were well. */
export function isUnguarded({ now, guardsMissingSince, limits }: DutySnapshot): boolean {
  return guardsMissingSince !== null && now - guardsMissingSince >= limits.guardGraceMs;
}

/** Another node that says of itself, just now, that it is primary; null = none. */
export function primaryElsewhere({ now, others, limits }: DutySnapshot): NodeName | null {
  const isPrimary = (it: OtherNode): boolean => it.report.server?.role === 'primary';
  return others.find((it) => now - it.heardAt <= limits.freshMs && isPrimary(it))?.node ?? null;
}
