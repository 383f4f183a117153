/** One node's part in the lease: its vote, its claim, and what it knows of the others, as one machine without clock or network. */
import type { NodeName } from '../model/names.ts';
import { Ballot } from './ballot.ts';
import { bequestAfter, bequestUnder, type Bequest } from './bequest.ts';
import { NOTHING, type Effects } from './effects.ts';
import { Exchange, type Peer, type Sent } from './exchange.ts';
import {
  endWhatRanOut,
  entitledUntil,
  IDLE,
  passTime,
  renewedUntil,
  startClaim,
  startOverride,
  startTransfer,
  takeConsent,
  yieldTo,
  type HolderState,
} from './holder.ts';
import { beginPause, finishPause } from './holder-pause.ts';
import type { LeaseConfig, LeaseId } from './lease.ts';
import type { Answer, LeaseMessage, LeaseRequest, VoterView } from './message.ts';
import type { PauseWords } from './pause.ts';
import { heed, type Heard } from './raise.ts';
import { buildRequest, repeatAfterMs, sentBy } from './request.ts';
import { resume, type Unexpired } from './resume.ts';
import type { VoterMemory } from './voter.ts';

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
    this.#holder = resume(unexpired, memory, now, config.leaseMs, this.#ballot.counting.quorums.length > 1);
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
    return entitledUntil(this.#ballot.counting, this.#holder, now);
  }

  /** The same without a pause. */
  renewedUntil(now: number): number | null {
    return renewedUntil(this.#ballot.counting, this.#holder, now);
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
    return this.#change('idle', now, () => startClaim(this.#nextLease(), adoption, now + limitMs));
  }

  /** Takes the next epoch by a person's word, until `untilMs` at most, unless this node holds or claims one. All who are reached honour it. */
  override(untilMs: number, now: number): Effects<Report> {
    return this.#change('idle', now, () => startOverride(this.#nextLease(), untilMs));
  }

  /** Gives the lease to `successor`, who may write at once: this node's deadline on tmpfs must be gone before this is called. */
  transfer(successor: NodeName, proof: unknown, now: number, limitMs: number): Effects<Report> {
    return this.#change('holding', now, (holder) => {
      this.#proof = proof;
      return startTransfer(holder, successor, now + limitMs);
    });
  }

  /** Makes this node's lease as long as that, for people at work, once a majority has it in writing; never shorter than it is. */
  pause(untilMs: number, words: PauseWords, now: number): Effects<Report> {
    return this.#change('holding', now, (holder) => beginPause(holder, this.memory, untilMs, words));
  }

  /** Ends the pause. What fences this node must not read more than `renewedUntil` any more before this is called. */
  endPause(now: number): Effects<Report> {
    return this.#change('holding', now, (holder) => finishPause(holder, this.memory));
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

  /** What time brings: renewals, repeated claims, the end of a lease, or of a change of voters. To be called at least every 50 ms. */
  tick(now: number): Effects<Report> {
    this.#passTime(now);
    const persist = this.#ballot.settleChange(this.#holder);
    if (persist !== null) return { persist, send: [] };
    if (now < this.#nextSendAt) return NOTHING;
    this.#exchange.forgetOld(now);
    return this.#sendAll(now);
  }

  /** Where this node's part is `from`, and nowhere else. All voters are told of it at once. */
  #change(from: HolderState['kind'], now: number, next: (it: HolderState) => HolderState): Effects<Report> {
    this.#passTime(now);
    if (this.#holder.kind !== from) return NOTHING;
    this.#holder = next(this.#holder);
    return this.#sendAll(now);
  }

  /** Before anything else is taken in: a lease that ran out is gone, and what was made durable since the last call counts. */
  #passTime(now: number): void {
    const own = this.#ownConsent;
    this.#ownConsent = null;
    this.#holder = endWhatRanOut(this.#ballot.counting, this.#holder, now);
    if (own !== null) this.#consent(own, this.memory);
    this.#holder = passTime(this.#ballot.counting, this.#holder, now);
  }

  #answer(request: LeaseRequest<Report>, now: number): Effects<Report> {
    const { self } = this.#config;
    const { from, nonce } = request;
    this.#exchange.hearRequest(from, request.report, now, request.at);
    const { verdict, persist } = this.#ballot.judge(request, now, this.#exchange.views());
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
    this.#exchange.hearAnswer(from, report, now, { sentAt: sent.at, receivedAt: now, view, report });
    if (verdict === 'granted') this.#consent(sent, view);
    this.#heed({ request: sent, verdict, view }, now);
    return NOTHING;
  }

  #heed(heard: Heard, now: number): void {
    this.#holder = heed(this.#holder, heard, { ...this.#config, now, nextEpoch: this.#nextEpoch() });
  }

  #consent(sent: Sent, { pause }: Pick<VoterMemory, 'pause'>): void {
    this.#holder = takeConsent(this.#ballot.counting, this.#holder, sent, pause?.number ?? null);
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
    this.#nextSendAt = now + repeatAfterMs(this.#holder, renewMs);
    const persist = this.#holder.kind === 'idle' ? null : this.#voteForItself(now);
    const send = voters.filter((to) => to !== self).map((to) => ({ to, message: this.#ask(to, now) }));
    return { persist, send };
  }

  #ask(to: NodeName, now: number): LeaseRequest<Report> {
    const request = this.#request(to, now);
    this.#exchange.note(request.nonce, sentBy(request, to, now));
    return request;
  }

  #voteForItself(now: number): VoterMemory | null {
    const request = this.#request(this.#config.self, now);
    const forced = this.#holder.kind === 'holding' && this.#holder.override !== null;
    const { verdict, persist } = this.#ballot.judgeOwn(request, now, forced);
    this.#yieldToNewest();
    const consent = sentBy(request, this.#config.self, now);
    // It may have gone to a rival of the same epoch before its time had come to vote for itself (simulation seed 3514895).
    this.#heed({ request: consent, verdict, view: this.memory }, now);
    if (verdict === 'granted' && persist === null) this.#consent(consent, this.memory);
    this.#ownConsent = verdict === 'granted' && persist !== null ? consent : null;
    return persist;
  }

  #request(to: NodeName, at: number): LeaseRequest<Report> {
    const about = { to, nonce: this.#uuid(), report: this.#report, proof: this.#proof, at };
    return buildRequest(this.#config, this.memory, this.#holder, about);
  }
}
