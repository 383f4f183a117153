/** One node's part in the lease: its vote, its claim, and what it knows of the others, as one machine without clock or network. */
import type { NodeName } from '../model/names.ts';
import { Ballot } from './ballot.ts';
import { bequestAfter, bequestUnder, type Bequest } from './bequest.ts';
import { Exchange, type Peer, type Sent } from './exchange.ts';
import {
  entitledUntil,
  isOutvoted,
  IDLE,
  passTime,
  resume,
  startClaim,
  startOverride,
  startRaise,
  startTransfer,
  takeConsent,
  yieldTo,
  type Counting,
  type HolderState,
  type Unexpired,
} from './holder.ts';
import type { LeaseConfig, LeaseId } from './lease.ts';
import type { Answer, LeaseMessage, LeaseRequest, VoterView } from './message.ts';
import { buildRequest, sentBy } from './request.ts';
import type { VoterMemory } from './voter.ts';

/**
 * What has to be done, in this order: `persist` durably, then send. All of it must be done before the next call, which takes it for done.
 * A machine whose `persist` failed must be given up.
 */
export interface Effects<Report> {
  readonly persist: VoterMemory | null;
  readonly send: readonly { readonly to: NodeName; readonly message: LeaseMessage<Report> }[];
}

/** A claim or transfer is repeated so often, because a lost datagram must not cost a renewal interval. */
const URGENT_MS = 50;

export class LeaseNode<Report> {
  readonly #config: LeaseConfig;
  readonly #uuid: () => string;
  readonly #exchange = new Exchange<Report>();
  readonly #ballot: Ballot;
  #holder: HolderState;
  #report: Report;
  #bequest: Bequest | null = null;
  /** Of the death that this node's transfer rests on. */
  #proof: unknown = null;
  #nextSendAt: number;
  /** This node's own vote, which counts only once it is durable: from the next call on. */
  #ownConsent: Sent | null = null;

  /**
   * `uuid` must give a new text at each call. `unexpired`: a deadline on tmpfs for this node's own lease, with which an agent that was
   * restarted goes on. Where `holder` is idle all the same, that deadline means nothing any more and must be removed first of all.
   */
  constructor(
    config: LeaseConfig,
    memory: VoterMemory,
    report: Report,
    now: number,
    uuid: () => string,
    unexpired: Unexpired | null,
  ) {
    this.#config = config;
    this.#uuid = uuid;
    this.#ballot = new Ballot(config, memory, now);
    this.#report = report;
    this.#nextSendAt = now;
    this.#holder = resume(unexpired, memory, now);
  }

  get holder(): HolderState {
    return this.#holder;
  }

  get memory(): VoterMemory {
    return this.#ballot.memory;
  }

  get peers(): ReadonlyMap<NodeName, Peer<Report>> {
    return this.#exchange.peers;
  }

  /** Void with a newer epoch. */
  get bequest(): Bequest | null {
    return this.#bequest;
  }

  ownView(now: number): VoterView {
    return this.#ballot.viewFor(this.#config.self, now);
  }

  /** Until when this node is entitled; null where it is not. */
  entitledUntil(now: number): number | null {
    return entitledUntil(this.#counting, this.#holder, now);
  }

  setReport(report: Report): void {
    this.#report = report;
  }

  /** Whether a majority would grant a claim, as far as the wait goes and answers of the last `freshMs` tell. To be asked before `claim`. */
  mayClaim(now: number, freshMs: number): boolean {
    const willing = this.#exchange.willing(now, freshMs);
    if (this.ownView(now).grantableInMs === 0) willing.add(this.#config.self);
    return this.#ballot.isEnoughToBegin(willing);
  }

  /** Asks for the epoch after the newest one known, unless this node holds or claims one already. */
  claim(now: number, limitMs: number, adoption = false): Effects<Report> {
    this.#passTime(now);
    if (this.#holder.kind !== 'idle') return NOTHING;
    this.#holder = startClaim(this.#nextLease(), adoption, now + limitMs);
    return this.#sendAll(now);
  }

  /** Takes the next epoch by a person's word, until `untilMs` at most, unless this node holds or claims one. All who are reached honour it. */
  override(untilMs: number, now: number): Effects<Report> {
    this.#passTime(now);
    if (this.#holder.kind !== 'idle') return NOTHING;
    this.#holder = startOverride(this.#nextLease(), untilMs);
    return this.#sendAll(now);
  }

  /**
   * Gives the lease to `successor`. From here on this node is entitled to nothing: its deadline on tmpfs must be gone before this is
   * called, because the successor may write at once.
   */
  transfer(successor: NodeName, proof: unknown, now: number, limitMs: number): Effects<Report> {
    this.#passTime(now);
    if (this.#holder.kind !== 'holding') return NOTHING;
    this.#proof = proof;
    this.#holder = startTransfer(this.#holder, successor, now + limitMs);
    return this.#sendAll(now);
  }

  /** Stops renewing: what cannot be proven dead must not be given away, only left to run out. */
  abandon(): void {
    this.#holder = IDLE;
  }

  /** Takes a message that was authenticated. */
  receive(message: LeaseMessage<Report>, now: number): Effects<Report> {
    if (message.from === this.#config.self || !this.#config.voters.includes(message.from)) return NOTHING;
    this.#passTime(now);
    return message.kind === 'answer' ? this.#takeAnswer(message, now) : this.#answer(message, now);
  }

  /** What time brings: renewals, repeated claims, the end of a lease. To be called at least every 50 ms. */
  tick(now: number): Effects<Report> {
    this.#passTime(now);
    if (now < this.#nextSendAt) return NOTHING;
    this.#exchange.forgetOld(now);
    return this.#sendAll(now);
  }

  get #counting(): Counting {
    return { ...this.#config, quorums: this.#ballot.quorums };
  }

  /** Before anything else is taken in: what was made durable since the last call counts, and a lease that ran out is gone. */
  #passTime(now: number): void {
    const own = this.#ownConsent;
    this.#ownConsent = null;
    if (own !== null) this.#consent(own);
    this.#holder = passTime(this.#counting, this.#holder, now);
  }

  #answer(request: LeaseRequest<Report>, now: number): Effects<Report> {
    const { self } = this.#config;
    const { from, nonce } = request;
    this.#exchange.hear(from, request.report, now, null);
    const { verdict, persist } = this.#ballot.judge(request, now);
    this.#yieldToNewest();
    if (verdict === 'granted') this.#bequest = bequestAfter(this.#bequest, request, self, now);
    const view = this.#ballot.viewFor(from, now);
    const answer: Answer<Report> = { kind: 'answer', from: self, nonce, verdict, view, report: this.#report };
    return { persist, send: [{ to: from, message: answer }] };
  }

  #takeAnswer(answer: Answer<Report>, now: number): Effects<Report> {
    const { from, verdict, view, report } = answer;
    const sent = this.#exchange.match(answer);
    if (sent === null) return NOTHING;
    this.#exchange.hear(from, report, now, { sentAt: sent.at, receivedAt: now, view });
    if (verdict === 'granted') this.#consent(sent);
    if (isOutvoted(this.#holder, sent, verdict))
      this.#holder = startRaise(this.#holder, this.#nextEpoch(), now, this.#config.leaseMs);
    const holder = this.#holder;
    const persist = holder.kind === 'holding' ? this.#ballot.settleChange(holder.acknowledged) : null;
    return { persist, send: [] };
  }

  #consent(sent: Sent): void {
    this.#holder = takeConsent(this.#counting, this.#holder, sent);
  }

  /** A newer epoch in this node's own vote ends its bequest, and its own lease where that epoch is another node's. */
  #yieldToNewest(): void {
    this.#bequest = bequestUnder(this.#bequest, this.memory.lease);
    this.#holder = yieldTo(this.#holder, this.memory.lease, this.#config.self);
  }

  /** The first epoch above all that this node knows of. */
  #nextEpoch(): number {
    return Math.max(this.memory.lease?.epoch ?? 0, this.#exchange.highestEpoch()) + 1;
  }

  #nextLease(): LeaseId {
    return { epoch: this.#nextEpoch(), uuid: this.#uuid(), holder: this.#config.self };
  }

  /** One request to every other voter, and this node's own vote at the same moment. */
  #sendAll(now: number): Effects<Report> {
    const { self, voters, renewMs } = this.#config;
    const holder = this.#holder;
    const patient = holder.kind === 'idle' || (holder.kind === 'holding' && holder.raise === null);
    this.#nextSendAt = now + (patient ? renewMs : URGENT_MS);
    const persist = holder.kind === 'idle' ? null : this.#voteForItself(now);
    const send = voters.filter((to) => to !== self).map((to) => ({ to, message: this.#ask(to, now) }));
    return { persist, send };
  }

  #ask(to: NodeName, now: number): LeaseRequest<Report> {
    const request = this.#request(to);
    this.#exchange.note(request.nonce, sentBy(request, to, now));
    return request;
  }

  #voteForItself(now: number): VoterMemory | null {
    const request = this.#request(this.#config.self);
    const forced = this.#holder.kind === 'holding' && this.#holder.override !== null;
    const { verdict, persist } = this.#ballot.judgeOwn(request, now, forced);
    this.#yieldToNewest();
    const consent = sentBy(request, this.#config.self, now);
    if (verdict === 'granted' && persist === null) this.#consent(consent);
    this.#ownConsent = verdict === 'granted' && persist !== null ? consent : null;
    return persist;
  }

  #request(to: NodeName): LeaseRequest<Report> {
    const about = { to, nonce: this.#uuid(), report: this.#report, proof: this.#proof };
    return buildRequest(this.#config, this.memory, this.#holder, about);
  }
}

const NOTHING = { persist: null, send: [] } as const;
