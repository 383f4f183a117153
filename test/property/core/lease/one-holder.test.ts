/** Goal: never two holders, whatever the network, the clocks and the hosts do. Method: real machines under an arbitrary schedule of events. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LeaseNode, type Effects } from '../../../../src/core/lease/lease-node.ts';
import type { LeaseMessage } from '../../../../src/core/lease/message.ts';
import { NO_MEMORY, type VoterMemory } from '../../../../src/core/lease/voter.ts';
import type { NodeName } from '../../../../src/core/model/names.ts';
import { configFor } from '../../../support/lease-cluster.ts';

type Step =
  | { readonly kind: 'pass'; readonly milliseconds: number }
  | { readonly kind: 'deliver' | 'repeat' | 'lose'; readonly which: number }
  | { readonly kind: 'deliver-all' }
  | {
      readonly kind: 'claim' | 'transfer' | 'restart' | 'abandon';
      readonly node: number;
      readonly to: number;
    };

const DRIFT = 1.01;
/** The lease by the slowest clock must end before the wait by the fastest: here without any fence, so the wait is just longer. */
const TIMES = { leaseMs: 1_000, waitMs: 1_000 * DRIFT, renewMs: 250 };

const anyStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('pass' as const),
      milliseconds: fc.integer({ min: 1, max: 600 }),
    }),
  },
  { weight: 6, arbitrary: fc.constant({ kind: 'deliver-all' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constantFrom('deliver', 'repeat', 'lose'), which: fc.nat() }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constantFrom('claim', 'claim', 'transfer', 'restart', 'abandon'),
      node: fc.nat(),
      to: fc.nat(),
    }),
  },
);

interface Datagram {
  readonly to: NodeName;
  readonly message: LeaseMessage<null>;
}

class Schedule {
  now = 0;
  readonly names: readonly NodeName[];
  readonly rates: readonly number[];
  readonly nodes: LeaseNode<null>[] = [];
  readonly disks: VoterMemory[] = [];
  /** Promises that a voter broke. */
  readonly broken: string[] = [];
  #underWay: Datagram[] = [];
  #uuids = 0;

  constructor(voters: number, rates: readonly number[]) {
    this.names = Array.from({ length: voters }, (_, index) => `n${index}` as NodeName);
    this.rates = rates;
    for (const index of this.names.keys()) this.#start(index);
    this.#do(0, this.#node(0).claim(0, 1_000, true));
    this.#deliver(this.#underWay.splice(0));
  }

  take(step: Step): void {
    switch (step.kind) {
      case 'pass':
        for (let left = step.milliseconds; left > 0; left -= 50) {
          this.now += Math.min(left, 50);
          for (const index of this.names.keys()) this.#do(index, this.#node(index).tick(this.#clock(index)));
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
        this.#act(step.kind, step.node % this.names.length, step.to % this.names.length);
    }
  }

  holders(): readonly NodeName[] {
    return this.names.filter((_, index) => this.#node(index).entitledUntil(this.#clock(index)) !== null);
  }

  #act(kind: 'claim' | 'transfer' | 'restart' | 'abandon', index: number, to: number): void {
    const node = this.#node(index);
    if (kind === 'restart') this.#start(index);
    else if (kind === 'abandon') node.abandon();
    else if (kind === 'claim') this.#do(index, node.claim(this.#clock(index), 500));
    else if (to !== index)
      this.#do(index, node.transfer(this.names[to] as NodeName, 'proof', this.#clock(index), 500));
  }

  #node(index: number): LeaseNode<null> {
    return this.nodes[index] as LeaseNode<null>;
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
      null,
    );
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
  }

  #deliver(datagrams: readonly Datagram[]): void {
    for (const { to, message } of datagrams) {
      const index = this.names.indexOf(to);
      this.#do(index, this.#node(index).receive(message, this.#clock(index)));
    }
  }
}

test.each([2, 3, 4, 5])(
  'of %i voters at most one is entitled at any time, and each grants an epoch once',
  (voters) => {
    const rates = fc.array(fc.constantFrom(1, DRIFT, Math.sqrt(DRIFT)), {
      minLength: voters,
      maxLength: voters,
    });
    fc.assert(
      fc.property(rates, fc.array(anyStep, { minLength: 20, maxLength: 150 }), (clocks, steps) => {
        const schedule = new Schedule(voters, clocks);
        for (const it of steps) {
          schedule.take(it);
          expect(schedule.holders().length).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: 150 },
    );
  },
);
