/** One node's part in the lease: its vote, its claim, and what it knows of the others, as one machine without clock or network. */
import type { NodeName } from '../model/names.ts';
import {
  entitledUntil,
  IDLE,
  passTime,
  resume,
  startClaim,
  startTransfer,
  takeAnswer,
  type HolderState,
} from './holder.ts';
import { majorityOf, sameLease, type LeaseConfig, type LeaseId } from './lease.ts';
import type { Answer, LeaseMessage, LeaseRequest, VoterView } from './message.ts';
import { startVoter, viewFor, vote, type VoterMemory, type VoterState } from './voter.ts';

/** What has to be done, in this order: `persist` durably, then send. A machine whose `persist` failed must be given up. */
export interface Effects<Report> {
  readonly persist: VoterMemory | null;
  readonly send: readonly { readonly to: NodeName; readonly message: LeaseMessage<Report> }[];
}

/** What is known of one other voter. Moments in boot-time milliseconds of this node. */
export interface Peer<Report> {
  /** When the last word of it came, request or answer. */
  readonly heardAt: number;
  readonly report: Report;
  /** From its last answer; null before the first. */
  readonly answer: { readonly sentAt: number; readonly receivedAt: number; readonly view: VoterView } | null;
}

/** A transfer that names this node: the successor. */
export interface Bequest {
  readonly lease: LeaseId;
  readonly proof: unknown;
  readonly at: number;
}

interface Sent {
  readonly at: number;
  readonly to: NodeName;
  readonly lease: LeaseId | null;
}

/** A claim or transfer is repeated so often, because a lost datagram must not cost a renewal interval. */
const URGENT_MS = 50;
/** Answers to older requests are of no use. */
const FORGET_MS = 10_000;

export class LeaseNode<Report> {
  readonly #config: LeaseConfig;
  readonly #uuid: () => string;
  #voter: VoterState;
  #holder: HolderState = IDLE;
  #report: Report;
  #bequest: Bequest | null = null;
  #nextSendAt: number;
  readonly #peers = new Map<NodeName, Peer<Report>>();
  readonly #sent = new Map<string, Sent>();

  /**
   * `uuid` must give a new text at each call. `unexpired`: a deadline on tmpfs for this node's own lease that has not passed, with which
   * an agent that was restarted goes on; it must be the lease of `memory`.
   */
  constructor(
    config: LeaseConfig,
    memory: VoterMemory,
    report: Report,
    now: number,
    uuid: () => string,
    unexpired: { readonly lease: LeaseId; readonly until: number } | null,
  ) {
    this.#config = config;
    this.#uuid = uuid;
    this.#voter = startVoter(memory, now);
    this.#report = report;
    this.#nextSendAt = now;
    if (unexpired !== null && sameLease(unexpired.lease, memory.lease) && memory.transferredTo === null)
      this.#holder = resume(unexpired.lease, unexpired.until);
  }

  get holder(): HolderState {
    return this.#holder;
  }

  get memory(): VoterMemory {
    return this.#voter.memory;
  }

  get peers(): ReadonlyMap<NodeName, Peer<Report>> {
    return this.#peers;
  }

  /** The transfer that names this node, until a newer epoch made it void. */
  get bequest(): Bequest | null {
    return this.#bequest;
  }

  /** This node's own vote, as it would answer itself. */
  ownView(now: number): VoterView {
    return viewFor(this.#config, this.#voter, this.#config.self, now);
  }

  /** Until when this node is entitled; null where it is not. */
  entitledUntil(now: number): number | null {
    return entitledUntil(this.#config, this.#holder, now);
  }

  setReport(report: Report): void {
    this.#report = report;
  }

  /**
   * Whether a claim would be granted by a majority, as far as the wait goes and the answers of the last `freshMs` tell. To be asked
   * before `claim`: a claim without a chance costs the present holder votes.
   */
  mayClaim(now: number, freshMs: number): boolean {
    const views = this.#config.voters.flatMap((voter) => {
      if (voter === this.#config.self) return [this.ownView(now)];
      const answer = this.#peers.get(voter)?.answer;
      return answer !== undefined && answer !== null && now - answer.sentAt <= freshMs ? [answer.view] : [];
    });
    return views.filter((view) => view.grantableInMs === 0).length >= majorityOf(this.#config.voters);
  }

  /** Asks for the epoch after the newest one known, unless this node holds or claims one already. */
  claim(now: number, limitMs: number, adoption = false): Effects<Report> {
    if (this.#holder.kind !== 'idle') return NOTHING;
    const known = [this.memory.lease, ...[...this.#peers.values()].map((it) => it.answer?.view.lease ?? null)];
    const epoch = Math.max(0, ...known.map((lease) => lease?.epoch ?? 0)) + 1;
    const lease = { epoch, uuid: this.#uuid(), holder: this.#config.self };
    this.#holder = startClaim(lease, adoption, now + limitMs);
    return this.#sendAll(now);
  }

  /** Gives the lease to `successor`. From here on this node is entitled to nothing. */
  transfer(successor: NodeName, proof: unknown, now: number, limitMs: number): Effects<Report> {
    this.#holder = startTransfer(this.#holder, successor, proof, now + limitMs);
    return this.#holder.kind === 'transferring' ? this.#sendAll(now) : NOTHING;
  }

  /** Stops renewing: what cannot be proven dead must not be given away, only left to run out. */
  abandon(): void {
    this.#holder = IDLE;
  }

  /** Takes a message that was authenticated. */
  receive(message: LeaseMessage<Report>, now: number): Effects<Report> {
    if (message.from === this.#config.self || !this.#config.voters.includes(message.from)) return NOTHING;
    return message.kind === 'answer' ? this.#takeAnswer(message, now) : this.#answer(message, now);
  }

  /** What time brings: renewals, repeated claims, the end of a lease. To be called at least every 50 ms. */
  tick(now: number): Effects<Report> {
    this.#holder = passTime(this.#config, this.#holder, now);
    if (now < this.#nextSendAt) return NOTHING;
    for (const [nonce, sent] of this.#sent) if (now - sent.at > FORGET_MS) this.#sent.delete(nonce);
    return this.#sendAll(now);
  }

  #answer(request: LeaseRequest<Report>, now: number): Effects<Report> {
    this.#hear(request.from, request.report, now, null);
    const before = this.memory;
    const { state, verdict } = vote(this.#config, this.#voter, request, now);
    this.#voter = state;
    if (request.kind === 'transfer' && verdict === 'granted' && request.successor === this.#config.self)
      this.#bequest ??= { lease: request.lease, proof: request.proof, at: now };
    this.#dropVoidBequest();
    this.#yield();
    const answer: Answer<Report> = {
      kind: 'answer',
      from: this.#config.self,
      nonce: request.nonce,
      verdict,
      view: viewFor(this.#config, state, request.from, now),
      report: this.#report,
    };
    return {
      persist: state.memory === before ? null : state.memory,
      send: [{ to: request.from, message: answer }],
    };
  }

  #takeAnswer(answer: Answer<Report>, now: number): Effects<Report> {
    const sent = this.#sent.get(answer.nonce);
    if (sent === undefined || sent.to !== answer.from) return NOTHING;
    this.#sent.delete(answer.nonce);
    this.#hear(answer.from, answer.report, now, { sentAt: sent.at, receivedAt: now, view: answer.view });
    if (sent.lease !== null)
      this.#holder = takeAnswer(this.#config, this.#holder, answer, sent.lease, sent.at);
    return NOTHING;
  }

  #hear(from: NodeName, report: Report, now: number, answer: Peer<Report>['answer']): void {
    const before = this.#peers.get(from);
    // Answers can overtake one another on different paths: the one to the newest request counts.
    const newest = before?.answer ?? null;
    const kept = answer !== null && (newest === null || answer.sentAt >= newest.sentAt) ? answer : newest;
    this.#peers.set(from, { heardAt: now, report, answer: kept });
  }

  /** A holder whose own vote went to a newer epoch has lost: it must not count itself for the old one. */
  #yield(): void {
    const holder = this.#holder;
    if (holder.kind === 'idle' || holder.kind === 'transferring') return;
    const own = this.memory.lease;
    if (own !== null && own.epoch > holder.lease.epoch) this.#holder = IDLE;
  }

  #dropVoidBequest(): void {
    const newest = this.memory.lease;
    if (this.#bequest === null || newest === null) return;
    if (newest.epoch > this.#bequest.lease.epoch) this.#bequest = null;
  }

  /** One request to every other voter, and this node's own vote at the same moment. */
  #sendAll(now: number): Effects<Report> {
    const { self, voters, renewMs } = this.#config;
    const urgent = this.#holder.kind === 'claiming' || this.#holder.kind === 'transferring';
    this.#nextSendAt = now + (urgent ? URGENT_MS : renewMs);
    const before = this.memory;
    const lease = this.#holder.kind === 'idle' ? null : this.#holder.lease;
    if (lease !== null) {
      const { state, verdict } = vote(this.#config, this.#voter, this.#request(self, now), now);
      this.#voter = state;
      this.#holder = takeAnswer(this.#config, this.#holder, { from: self, verdict }, lease, now);
      this.#dropVoidBequest();
    }
    const send = voters
      .filter((voter) => voter !== self)
      .map((to) => ({ to, message: this.#request(to, now) as LeaseMessage<Report> }));
    return { persist: this.memory === before ? null : this.memory, send };
  }

  #request(to: NodeName, now: number): LeaseRequest<Report> {
    const { self, digest, waitMs } = this.#config;
    const holder = this.#holder;
    const nonce = this.#uuid();
    this.#sent.set(nonce, { at: now, to, lease: holder.kind === 'idle' ? null : holder.lease });
    const common = { from: self, nonce, digest, waitMs, report: this.#report };
    switch (holder.kind) {
      case 'idle':
        return { ...common, kind: 'look' };
      case 'claiming':
        return { ...common, kind: 'claim', lease: holder.lease, adoption: holder.adoption };
      case 'holding':
        return { ...common, kind: 'renew', lease: holder.lease };
      case 'transferring': {
        const { lease, successor, proof } = holder;
        return { ...common, kind: 'transfer', lease, successor, proof: to === successor ? proof : null };
      }
    }
  }
}

const NOTHING = { persist: null, send: [] } as const;
