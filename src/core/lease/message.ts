/** What voters and holders say to one another. Plain values: signing, sending and the limits of a datagram are the world's. */
import type { NodeName } from '../model/names.ts';
import type { LeaseId } from './lease.ts';
import type { PauseNotice } from './pause.ts';

interface Request<Report> {
  readonly from: NodeName;
  /** Unique for each request; an answer counts only from the moment that its own request was sent. */
  readonly nonce: string;
  readonly digest: string;
  /** When it was sent, boot-time milliseconds of the sender: what comes late must not undo what was said after it. */
  readonly at: number;
  /** The sender's promotion wait: a voter waits the longest it ever heard of. */
  readonly waitMs: number;
  /** How the sender sees itself: gossip, on which no grant depends. */
  readonly report: Report;
}

/** The holder's: go on counting me. */
export interface Renew<Report> extends Request<Report> {
  readonly kind: 'renew';
  readonly lease: LeaseId;
  /** By a person's override: a voter without a memory takes that person's word for what the lost voters cannot bear out. */
  readonly forced: boolean;
  /** Null where this lease was never paused. */
  readonly pause: PauseNotice | null;
}

/** A candidate's: a new epoch. `adoption`: asked for by a person on a writable primary, the only claim a voter without memory grants. */
export interface Claim<Report> extends Request<Report> {
  readonly kind: 'claim';
  readonly lease: LeaseId;
  readonly adoption: boolean;
  /** Of a holder that asks for a higher epoch of its own lease. */
  readonly pause: PauseNotice | null;
}

/** The holder's last word: this epoch is dead, and that node may have the next one without a wait. `proof` is for the successor alone. */
export interface Transfer<Report> extends Request<Report> {
  readonly kind: 'transfer';
  readonly lease: LeaseId;
  readonly successor: NodeName;
  readonly proof: unknown;
}

/** Anybody's: what do you know? Changes nothing. */
export interface Look<Report> extends Request<Report> {
  readonly kind: 'look';
}

export type LeaseRequest<Report> = Renew<Report> | Claim<Report> | Transfer<Report> | Look<Report>;

export const REFUSALS = [
  /** The epoch is not above the one this voter has granted. */
  'old-epoch',
  /** The same epoch was granted under another uuid. */
  'other-lease',
  /** The lease was given away by its holder. */
  'transferred',
  /** The last holder may still count on this voter. */
  'wait',
  /** Voters or timings differ between asker, voter and last holder. */
  'configuration-differs',
  /** This voter knows no holder, so that only an adoption may begin. */
  'no-memory',
  /** The asker claims for another node, or transfers what is not its own. */
  'not-yours',
  /** The asker is no configured voter. */
  'stranger',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** What a voter knows, as part of each answer. Ages in milliseconds at the moment of the answer. */
export interface VoterView {
  readonly lease: LeaseId | null;
  readonly transferredTo: NodeName | null;
  /** Since this voter last heard the holder; null where it did not since it was started. */
  readonly heardAgoMs: number | null;
  /** The newest lease that its holder has renewed; null = none. A claim in vain never is. */
  readonly begun: LeaseId | null;
  /** When the asker may have a new epoch from this voter, as far as the wait goes: 0 = now; null where waiting does not help. */
  readonly grantableInMs: number | null;
  /** The pause of `lease` that this voter has in writing, with what is left of its wait; null = none was ever told. */
  readonly pause: PauseNotice | null;
}

export interface Answer<Report> {
  readonly kind: 'answer';
  readonly from: NodeName;
  /** Of the request. */
  readonly nonce: string;
  readonly verdict: 'granted' | 'seen' | Refusal;
  readonly view: VoterView;
  readonly report: Report;
}

export type LeaseMessage<Report> = LeaseRequest<Report> | Answer<Report>;
