/** How a node can be made to follow the survivor: as it is, by pg_rewind, after a clean recovery, or by a new base backup. */
import type { DivergenceAccount } from '../model/account.ts';
import type { ControlData } from '../model/observation.ts';

export interface RejoinFacts {
  readonly account: Pick<DivergenceAccount, 'loserTimeline' | 'survivorTimeline' | 'bytes'>;
  readonly control: Pick<ControlData, 'state' | 'checkpointTimeline' | 'rewindPossible'>;
  /** The WAL of the loser's own timeline has a checkpoint, which a recovery would reach; null = that was not looked for. */
  readonly checkpointAhead: boolean | null;
  /** The isolated recovery was run and ended; it is not tried twice. */
  readonly recovered: boolean;
  /** An earlier attempt left the data directory half changed, or with a server that would not follow. */
  readonly spoiled: boolean;
  /** The survivor has what pg_rewind needs of it: its grants, and full pages in its WAL. */
  readonly survivorAllows: boolean;
}

/** `recover`: start the server alone as a hot standby and stop it cleanly, then decide again. */
export type RejoinDecision =
  | {
      readonly how: 'none' | 'rewind' | 'recover';
      readonly why: 'nothing-diverged' | 'diverged' | 'not-shut-down';
    }
  | {
      readonly how: 'basebackup';
      readonly why:
        | 'earlier-attempt'
        | 'survivor-forbids'
        | 'no-rewind-support'
        | 'equal-timelines'
        | 'checkpoint-on-older-timeline';
    };

/**
 * pg_rewind of PostgreSQL 15 compares the timelines of the two *checkpoints*: where the target's is older than its WAL, or both are
 * equal, it answers "no rewind required" with exit code 0 and leaves a node that is dead for good (facts.md section 6, peers.md
 * lesson 2). So it is called only where both checkpoints are on the timelines of the WAL and these differ.
 */
export function decideRejoin(facts: RejoinFacts): RejoinDecision {
  const { account, control } = facts;
  if (facts.spoiled) return { how: 'basebackup', why: 'earlier-attempt' };
  if (account.bytes === 0) return { how: 'none', why: 'nothing-diverged' };
  if (!control.rewindPossible) return { how: 'basebackup', why: 'no-rewind-support' };
  if (!facts.survivorAllows) return { how: 'basebackup', why: 'survivor-forbids' };
  if (account.loserTimeline === account.survivorTimeline)
    return { how: 'basebackup', why: 'equal-timelines' };
  const clean = control.state === 'shut down' || control.state === 'shut down in recovery';
  if (clean && control.checkpointTimeline === account.loserTimeline)
    return { how: 'rewind', why: 'diverged' };
  const futile = control.checkpointTimeline !== account.loserTimeline && facts.checkpointAhead === false;
  if (!clean && !facts.recovered && !futile) return { how: 'recover', why: 'not-shut-down' };
  return { how: 'basebackup', why: 'checkpoint-on-older-timeline' };
}
