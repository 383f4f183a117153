/** Lease machines under an arbitrary schedule of events, each with its own clock, its disk, and the file that its fences read. */
import type { Effects } from '../../src/core/lease/effects.ts';
import { LeaseNode } from '../../src/core/lease/lease-node.ts';
import type { LeaseMessage } from '../../src/core/lease/message.ts';
import type { Unexpired } from '../../src/core/lease/resume.ts';
import { NO_MEMORY, type VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { configFor } from './lease-cluster.ts';

export type Step =
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | { readonly kind: 'deliver' | 'repeat' | 'lose'; readonly which: number }
  | { readonly kind: 'deliver-all' }
  | {
      readonly kind: Act;
      readonly node: number;
      readonly to: number;
    };
export type Act = 'claim' | 'transfer' | 'restart' | 'reboot' | 'kill' | 'abandon' | 'pause' | 'end-pause';

export const DRIFT = 1.01;
/** The lease by the slowest clock must end before the wait by the fastest: here without any fence, so the wait is just longer. */
const TIMES = { leaseMs: 1_000, waitMs: 1_000 * DRIFT, renewMs: 250, clockDriftPercent: (DRIFT - 1) * 100 };

const WORDS = { reason: 'work', by: 'root', until: '2026-11-21T22:30:00.000Z' };

interface Datagram {
  readonly to: NodeName;
  readonly message: LeaseMessage<null>;
}

export class LeaseSchedule {
  now = 0;
  readonly names: readonly NodeName[];
  readonly rates: readonly number[];
  /** Null where the agent is dead. */
  readonly nodes: (LeaseNode<null> | null)[] = [];
  readonly disks: VoterMemory[] = [];
  /** What the fences read: it outlives the agent. */
  readonly files: (Unexpired | null)[] = [];
  /** Promises that a voter broke. */
  readonly broken: string[] = [];
  #underWay: Datagram[] = [];
  #uuids = 0;

  constructor(voters: number, rates: readonly number[]) {
    this.names = Array.from({ length: voters }, (_, index) => `n${index}` as NodeName);
    this.rates = rates;
    for (const index of this.names.keys()) this.#start(index);
    this.#take(0, (node) => node.claim(0, 1_000, true));
    this.#deliver(this.#underWay.splice(0));
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'pass':
        for (let left = step.milliseconds; left > 0; left -= 50) {
          this.now += Math.min(left, 50);
          for (const index of this.names.keys()) this.#take(index, (node) => node.tick(this.#clock(index)));
        }
        return;
      case 'deliver-all':
        this.#deliver(this.#underWay.splice(0));
        return;
      case 'deliver':
        this.#deliver(this.#underWay.splice(step.which % Math.max(1, this.#underWay.length), 1));
        return;
      case 'repeat':
        this.#deliver(this.#underWay.slice(step.which % Math.max(1, this.#underWay.length)).slice(0, 1));
        return;
      case 'lose':
        this.#underWay.splice(step.which % Math.max(1, this.#underWay.length), 3);
        return;
      default:
        this.#act(step.kind, step.node % this.names.length, step.to);
    }
  }

  holders(): readonly NodeName[] {
    return this.names.filter((_, index) => (this.files[index]?.until ?? 0) > this.#clock(index));
  }

  #act(kind: Act, index: number, to: number): void {
    const now = this.#clock(index);
    switch (kind) {
      case 'kill':
        this.nodes[index] = null;
        return;
      case 'reboot':
        this.files[index] = null;
        this.#start(index);
        return;
      case 'restart':
        this.#start(index);
        return;
      case 'abandon':
        this.nodes[index]?.abandon();
        this.#settle(index);
        return;
      case 'claim':
        this.#take(index, (node) => node.claim(now, 500));
        return;
      case 'pause':
        this.#take(index, (node) => node.pause(now + 1_000 + (to % 5_000), WORDS, now));
        return;
      case 'end-pause':
        this.#endPause(index, now);
        return;
      case 'transfer':
        if (to % this.names.length === index || this.nodes[index]?.holder.kind !== 'holding') return;
        this.files[index] = null;
        this.#take(index, (node) =>
          node.transfer(this.names[to % this.names.length] as NodeName, 'proof', now, 500),
        );
    }
  }

  /** The fences first, as the agent does it; not where nothing would be left. */
  #endPause(index: number, now: number): void {
    const until = this.nodes[index]?.renewedUntil(now) ?? null;
    const file = this.files[index] ?? null;
    if (until === null || file === null) return;
    this.files[index] = { ...file, until };
    this.#take(index, (node) => node.endPause(now));
  }

  #take(index: number, step: (node: LeaseNode<null>) => Effects<null>): void {
    const node = this.nodes[index] ?? null;
    if (node !== null) this.#do(index, step(node));
  }

  /** What the machine has earned goes to where the fences read it. */
  #settle(index: number): void {
    const node = this.nodes[index] ?? null;
    if (node === null) return;
    const { holder } = node;
    const until = node.entitledUntil(this.#clock(index));
    this.files[index] = until === null || holder.kind !== 'holding' ? null : { lease: holder.lease, until };
  }

  #clock(index: number): number {
    return this.now * (this.rates[index] ?? 1);
  }

  #start(index: number): void {
    const self = this.names[index] as NodeName;
    const memory = this.disks[index] ?? NO_MEMORY;
    const config = configFor(self, this.names, TIMES);
    this.nodes[index] = new LeaseNode<null>(
      config,
      memory,
      null,
      this.#clock(index),
      () => `u${(this.#uuids += 1)}`,
      this.files[index] ?? null,
    );
    this.#settle(index);
  }

  #do(index: number, { persist, send }: Effects<null>): void {
    if (persist !== null) {
      const before = this.disks[index]?.lease ?? null;
      const [was, is] = [before?.epoch ?? 0, persist.lease?.epoch ?? 0];
      if (is < was) this.broken.push(`n${index} went back from epoch ${was} to ${is}`);
      if (is === was && before !== null && before.uuid !== persist.lease?.uuid)
        this.broken.push(`n${index} granted epoch ${is} twice`);
      this.disks[index] = persist;
    }
    this.#underWay.push(...send);
    this.#settle(index);
  }

  #deliver(datagrams: readonly Datagram[]): void {
    for (const { to, message } of datagrams) {
      const index = this.names.indexOf(to);
      this.#take(index, (node) => node.receive(message, this.#clock(index)));
    }
  }
}
