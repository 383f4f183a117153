/** What the lease service counts and tells of itself, for metrics and for people. */
import { REFUSALS, type Answer } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { LeaseView } from '../../metrics/lease-view.ts';
import { DATAGRAM_REFUSALS, type DatagramRefusal } from '../../world/network/datagram-codec.ts';

export interface LeaseStatistics extends LeaseView {
  readonly holder: NodeName | null;
}

type Verdict = Answer<unknown>['verdict'];

/** Counts what this voter answers, and what it does not answer at all. */
export class VoteCounts {
  readonly #votes = new Map<Verdict, number>();
  #withoutMemory = 0;

  count(verdict: Verdict): void {
    this.#votes.set(verdict, (this.#votes.get(verdict) ?? 0) + 1);
  }

  /** A claim that was not answered because this voter's memory cannot be trusted. */
  countWithoutMemory(): void {
    this.#withoutMemory += 1;
  }

  /** Every verdict there is, 0 where it was never given, so that the set of series never changes. */
  votes(): ReadonlyMap<string, number> {
    return new Map(VERDICTS.map((it) => [it, this.#votes.get(it) ?? 0]));
  }

  /** Every reason there is: the voter's own, and those for which a datagram never reached it. */
  refusals(datagrams: ReadonlyMap<DatagramRefusal, number>): ReadonlyMap<string, number> {
    return new Map<string, number>([
      ...REFUSALS.map((it) => [it, this.#votes.get(it) ?? 0] as const),
      ...DATAGRAM_REFUSALS.map((it) => [it, datagrams.get(it) ?? 0] as const),
      ['memory-broken', this.#withoutMemory],
    ]);
  }
}

const VERDICTS: readonly Verdict[] = ['granted', 'seen', ...REFUSALS];
