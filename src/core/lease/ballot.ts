/** This node's own vote: what it remembers, and by whom a lease of its own is counted. */
import type { NodeName } from '../model/names.ts';
import { quorumsFor, rememberVoters } from './change-of-voters.ts';
import { validUntil, type LeaseConfig, type Quorum } from './lease.ts';
import type { Counting, HolderState } from './holder.ts';
import type { LeaseRequest, VoterView } from './message.ts';
import { whyNotTrusted, type Views } from './recollection.ts';
import { startVoter, viewFor, vote, type Vote, type VoterMemory, type VoterState } from './voter.ts';

export interface Judgement {
  readonly verdict: Vote['verdict'];
  /** What has to be durable before the verdict is told; null = nothing new. */
  readonly persist: VoterMemory | null;
}

export class Ballot {
  readonly #config: LeaseConfig;
  #voter: VoterState;
  #quorums: readonly Quorum[];

  constructor(config: LeaseConfig, memory: VoterMemory, now: number) {
    this.#config = config;
    this.#voter = startVoter(memory, now);
    this.#quorums = quorumsFor(config, memory);
  }

  get memory(): VoterMemory {
    return this.#voter.memory;
  }

  /** What a lease of this node is counted by. */
  get counting(): Counting {
    return { ...this.#config, quorums: this.#quorums };
  }

  /** Whether a claim that these voters grant would begin a lease of this node. */
  isEnoughToBegin(willing: ReadonlySet<NodeName>): boolean {
    return this.#quorums.every((it) => it.voters.filter((voter) => willing.has(voter)).length >= it.toBegin);
  }

  viewFor(asker: NodeName, now: number): VoterView {
    return viewFor(this.#config, this.#voter, asker, now);
  }

  /** Judges another node's request. `views`: what the other voters know, for the time without a memory. */
  judge<Report>(request: LeaseRequest<Report>, now: number, views: Views): Judgement {
    const refusal = this.memory.lease === null ? whyNotTrusted(this.#config, views, request) : null;
    if (refusal !== null) return { verdict: refusal, persist: null };
    const { state, verdict } = vote(this.#config, this.#voter, request, now);
    return { verdict, persist: this.#become(state) };
  }

  /** Judges this node's own request. `forced`: its lease is under an override. */
  judgeOwn<Report>(request: LeaseRequest<Report>, now: number, forced: boolean): Judgement {
    const before = this.memory;
    const { state, verdict } = vote(this.#config, this.#voter, request, now);
    const memory = rememberVoters(this.#config, before, state.memory, forced);
    return { verdict, persist: this.#become({ ...state, memory }) };
  }

  /**
   * A changed set of voters: once the old and the new one have it in writing, the new one alone counts. Not to be asked with the consent that
   * allows it: the fences are to read what that earned before a slow disk is waited for (simulation seed 2009109).
   */
  settleChange(holder: HolderState): VoterMemory | null {
    if (this.#quorums.length === 1 || holder.kind !== 'holding') return null;
    if (validUntil(this.#config.leaseMs, this.#quorums, holder.acknowledged) === null) return null;
    return this.#become({ ...this.#voter, memory: { ...this.memory, voters: this.#config.voters } });
  }

  #become(voter: VoterState): VoterMemory | null {
    const before = this.memory;
    this.#voter = voter;
    if (voter.memory === before) return null;
    this.#quorums = quorumsFor(this.#config, voter.memory);
    return voter.memory;
  }
}
