/** What the lease service counts and tells of itself, for metrics and for people. */
import type { LeaseConfig } from '../../core/lease/lease.ts';
import { isLeave } from '../../core/lease/leave.ts';
import { REFUSALS, type Answer, type LeaseMessage } from '../../core/lease/message.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { LeaseView } from '../../metrics/lease-view.ts';
import type { DatagramChannel } from '../../world/network/datagram-channel.ts';
import { DATAGRAM_REFUSALS, type DatagramRefusal } from '../../world/network/datagram-codec.ts';
import type { LeaseRunner } from './lease-runner.ts';

export interface LeaseStatistics extends LeaseView {
  readonly holder: NodeName | null;
}

/** As it stands at `now`, boot-time milliseconds. */
export function statisticsOf(
  runner: LeaseRunner,
  config: LeaseConfig,
  channel: DatagramChannel | null,
  counts: VoteCounts,
  now: number,
): LeaseStatistics {
  const until = runner.entitledUntil();
  const override = runner.override();
  const { lease } = runner.machine.memory;
  return {
    epoch: lease?.epoch ?? null,
    holder: lease?.holder ?? null,
    remainingMs: until === null ? null : until - now,
    overrideUntil: override === null ? null : Math.round((Date.now() + override.untilMs - now) / 1000),
    pauseUntil: pauseUntilOf(runner, now),
    contacts: config.voters
      .filter((it) => it !== config.self)
      .map((peer) => {
        const heardAt = channel?.heardAt(peer) ?? null;
        return {
          peer,
          contact: heardAt !== null && now - heardAt <= config.leaseMs,
          agrees: counts.agrees(peer, config.digest),
        };
      }),
    votes: counts.votes(),
    refusals: counts.refusals(channel?.refusals() ?? new Map()),
    memoryBroken: runner.memoryBroken,
    stopped: runner.stopped,
  };
}

/**
 * Of the lease that this voter stands by, held here or elsewhere: the moment that its holder told, by that host's wall clock. Nobody is at
 * work while an agent begins again.
 */
function pauseUntilOf({ machine }: LeaseRunner, now: number): number | null {
  const { pause } = machine.ownView(now);
  return pause !== null && pause.waitMs > 0 && !isLeave(pause.words)
    ? Math.round(Date.parse(pause.words.until) / 1000)
    : null;
}

type Verdict = Answer<unknown>['verdict'];

/** Counts what this voter answers, and what it does not answer at all. */
export class VoteCounts {
  readonly #votes = new Map<Verdict, number>();
  /** Of voters and timings, in the last request of each. */
  readonly #digests = new Map<NodeName, string>();
  #withoutMemory = 0;

  /** Whether that voter asks with the same voters and timings; null before its first request. */
  agrees(peer: NodeName, digest: string): boolean | null {
    const theirs = this.#digests.get(peer);
    return theirs === undefined ? null : theirs === digest;
  }

  hear(message: LeaseMessage<unknown>): void {
    if (message.kind !== 'answer') this.#digests.set(message.from, message.digest);
  }

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
