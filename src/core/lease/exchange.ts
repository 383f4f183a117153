/** What one node has asked the other voters and heard of them. */
import type { NodeName } from '../model/names.ts';
import type { LeaseId } from './lease.ts';
import type { Answer, VoterView } from './message.ts';

/** One look at another host's clock. */
export interface ClockReading {
  /** What its datagram said, boot-time milliseconds of that host. */
  readonly theirs: number;
  /** When that came. */
  readonly at: number;
}

/** What is known of one other voter. Moments in boot-time milliseconds of this node. */
export interface Peer<Report> {
  /** When the last word of it came, request or answer. */
  readonly heardAt: number;
  /** The clock of its host, as its last request said, and when that came; null before the first. */
  readonly clock: ClockReading | null;
  readonly report: Report;
  /** Its last answer; null before the first. */
  readonly answer: ReceivedAnswer<Report> | null;
}

/** An answer cannot be older than its request, however long it lay in a socket: a request of another node can. */
export interface ReceivedAnswer<Report> {
  /** When the request was sent. */
  readonly sentAt: number;
  readonly receivedAt: number;
  readonly view: VoterView;
  readonly report: Report;
}

/** A request of this node. */
export interface Sent {
  readonly at: number;
  readonly to: NodeName;
  /** What it asked for; null = a look. */
  readonly lease: LeaseId | null;
  readonly transfer: boolean;
}

/** Answers to older requests are of no use. */
const FORGET_MS = 10_000;

export class Exchange<Report> {
  readonly peers: Map<NodeName, Peer<Report>> = new Map();
  readonly #sent = new Map<string, Sent>();

  note(nonce: string, sent: Sent): void {
    this.#sent.set(nonce, sent);
  }

  forgetOld(now: number): void {
    for (const [nonce, { at }] of this.#sent) {
      // In the order of sending: the first young one ends the search.
      if (now - at <= FORGET_MS) return;
      this.#sent.delete(nonce);
    }
  }

  /** The request that an answer belongs to, once; null where there is none, it was answered before, or by somebody else. */
  match(answer: Answer<Report>): Sent | null {
    const sent = this.#sent.get(answer.nonce);
    if (sent === undefined || sent.to !== answer.from) return null;
    this.#sent.delete(answer.nonce);
    return sent;
  }

  /** A request, sent when its host's clock showed `theirs`. */
  hearRequest(from: NodeName, report: Report, now: number, theirs: number): void {
    const answer = this.peers.get(from)?.answer ?? null;
    this.peers.set(from, { heardAt: now, clock: { theirs, at: now }, report, answer });
  }

  hearAnswer(from: NodeName, report: Report, now: number, answer: ReceivedAnswer<Report>): void {
    const before = this.peers.get(from);
    // Answers can overtake one another on different paths: the one to the newest request counts.
    const newest = before?.answer ?? null;
    const kept = newest === null || answer.sentAt >= newest.sentAt ? answer : newest;
    this.peers.set(from, { heardAt: now, clock: before?.clock ?? null, report, answer: kept });
  }

  /** What each other voter said that it knows, in its newest answer. */
  views(): ReadonlyMap<NodeName, VoterView> {
    const views = new Map<NodeName, VoterView>();
    for (const [node, { answer }] of this.peers) if (answer !== null) views.set(node, answer.view);
    return views;
  }

  /** The highest epoch that any answer told of; 0 = none. */
  highestEpoch(): number {
    let highest = 0;
    for (const { answer } of this.peers.values()) highest = Math.max(highest, answer?.view.lease?.epoch ?? 0);
    return highest;
  }

  /** The voters that would let the asker have a new epoch now, as far as the wait goes and their answers of the last `freshMs` tell. */
  willing(now: number, freshMs: number): Set<NodeName> {
    const willing = new Set<NodeName>();
    for (const [voter, { answer }] of this.peers) {
      if (answer === null || now - answer.sentAt > freshMs) continue;
      const { grantableInMs } = answer.view;
      if (grantableInMs !== null && grantableInMs <= now - answer.receivedAt) willing.add(voter);
    }
    return willing;
  }
}
