/** The lease of this node as the rest of the agent sees it: the pure machine of core/lease with its clock, its network and its disk. */
import type { Peer } from '../../core/lease/exchange.ts';
import type { Bequest } from '../../core/lease/bequest.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import type { VoterView } from '../../core/lease/message.ts';
import type { VoterMemory } from '../../core/lease/voter.ts';
import type { PauseWords } from '../../core/lease/pause.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import type { OverrideRecord } from '../../world/files/override-file.ts';
import type { LeaseStatistics } from './lease-statistics.ts';
import type { HeldPause } from './pause-calls.ts';

/** All moments are milliseconds of CLOCK_BOOTTIME (world/clock.ts `bootMillis`). */
export interface LeaseService {
  /** Until when this node is entitled to be primary; null where it is not. */
  readonly entitledUntil: () => number | null;
  /** The lease that this node holds, also while it waits for its first renewal after a restart; null otherwise. */
  readonly held: () => LeaseId | null;
  readonly memory: () => VoterMemory;
  readonly ownView: () => VoterView;
  readonly peers: () => ReadonlyMap<NodeName, Peer<NodeReport>>;
  /** A transfer that names this node. */
  readonly bequest: () => Bequest | null;
  /** Whether a claim would find a majority now. */
  readonly mayClaim: () => boolean;
  readonly setReport: (report: NodeReport) => void;
  /** Claims the next epoch and waits for the outcome, at most `limitMs`. Null where no majority granted it. */
  readonly claim: (limitMs: number, adoption?: boolean) => Promise<LeaseId | null>;
  /**
   * Holds the next epoch by a person's word, until that moment at most, whatever the voters say: an override. Null where this node holds
   * a lease already, or its own vote cannot be written.
   */
  readonly override: (untilMs: number, reason: string) => Promise<LeaseId | null>;
  /** The override under which this node holds its lease; null = none. */
  readonly overrideNow: () => OverrideRecord | null;
  /** The pause of the lease that this node holds; null = none. */
  readonly pauseNow: () => HeldPause | null;
  /**
   * Asks all voters for a lease that long, and waits for a majority, at most `limitMs`. What stands then; null where this node holds no
   * lease, or holds it under an override. Never shorter than a pause that stands already.
   */
  readonly pause: (untilMs: number, words: PauseWords, limitMs: number) => Promise<HeldPause | null>;
  /**
   * Ends the pause: the fences are told first, then `told` is waited for, then the voters are told. False where nothing was changed,
   * because this node would not be entitled without it.
   */
  readonly endPause: (told: () => Promise<void>) => Promise<boolean>;
  /** Gives the lease away; true once a majority, the successor in it, has it in writing. From the call on this node is not entitled. */
  readonly transfer: (successor: NodeName, proof: unknown, limitMs: number) => Promise<boolean>;
  /** Stops renewing: the lease runs out by itself. */
  readonly abandon: () => void;
  /** Called whenever entitlement, bequest or a peer's newest lease changed. */
  readonly onChange: (listener: () => void) => void;
  readonly close: () => Promise<void>;
}

/** As `createLeaseService` makes it. */
export interface RunningLeaseService extends LeaseService {
  readonly statistics: () => LeaseStatistics;
}
