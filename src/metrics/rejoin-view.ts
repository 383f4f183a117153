/** What a scrape shows of rejoins: whether one would work, how the last went, and what of it still waits for a person. */
import type { PreflightCheck } from '../core/divergence/rejoin-preflight.ts';
import type { Known } from '../core/model/known.ts';
import type { RejoinFailure } from '../world/files/rejoin-failure.ts';
import type { RejoinStage } from '../world/files/rejoin-stage.ts';
import type { SalvagedIncident } from '../world/files/salvage-summary.ts';

/** The first bytes of the timeline that the server is on. */
export interface TimelineBeginning {
  readonly timeline: number;
  readonly hash: string;
}

export interface RejoinView {
  /** Empty before the first look. */
  readonly preflight: readonly PreflightCheck[];
  /** Seconds since 1970; null before the first look. */
  readonly lookedAt: number | null;
  /** Null on timeline 1, and while it was not seen. */
  readonly beginning: TimelineBeginning | null;
  readonly stage: Known<RejoinStage>;
  readonly failure: Known<RejoinFailure | null>;
  readonly salvage: Known<readonly SalvagedIncident[]>;
}
