/** A pause: the lease made long for people at work, so that nobody is promoted, and the holder not fenced, while agents or voters are away. */
import type { NodeName } from '../model/names.ts';
import type { LeaseConfig, Quorum } from './lease.ts';

/** How long a person may pause for: long enough to do anything, and short enough that no failover is suspended by oversight for days. */
export const PAUSE_SECONDS = { least: 10, usual: 1_800, most: 86_400 } as const;

/** For people alone: no decision rests on it. */
export interface PauseWords {
  readonly reason: string;
  /** Who asked for it. */
  readonly by: string;
  /** When it ends by itself, RFC 3339 by the holder's wall clock. */
  readonly until: string;
}

/** What a holder tells of its pause with each request, and what a voter that heard it keeps, durably. */
export interface PauseNotice {
  /** Grows with each pause of one lease, and with its end, so that a late datagram brings back nothing. */
  readonly number: number;
  /**
   * How long whoever hears this waits, from that moment, before it grants anybody else a new epoch; 0 = the pause has ended.
   */
  readonly waitMs: number;
  readonly words: PauseWords;
}

/** A pause as its holder has it. Moments in boot-time milliseconds of the holder. */
export interface Pause {
  readonly number: number;
  /** Null = it has ended, and every voter is told so for as long as the lease lasts. */
  readonly untilMs: number | null;
  readonly words: PauseWords;
  /** Voters that have this very pause in writing. */
  readonly acknowledged: ReadonlySet<NodeName>;
  /** Until when the holder is entitled by it; null where no majority has it in writing: then it only keeps others from a new epoch. */
  readonly countedUntilMs: number | null;
}

/** For people, without full stop. */
export function describePause({ reason, by, until }: PauseWords): string {
  return `paused until ${until} by ${by}: ${reason}`;
}

/** `lastNumber`: of the pause before it in the same lease, ended or not; 0 = there was none. */
export function startPause(
  before: Pause | null,
  lastNumber: number,
  untilMs: number,
  words: PauseWords,
): Pause {
  const number = Math.max(before?.number ?? 0, lastNumber) + 1;
  // What a majority has in writing of an earlier pause stands until it is told another.
  return { number, untilMs, words, acknowledged: new Set(), countedUntilMs: before?.countedUntilMs ?? null };
}

/** Its end. The caller has seen to it that no fence of the holder relies on it any more. */
export function endPause(before: Pause): Pause {
  const { number, words, untilMs } = before;
  if (untilMs === null) return before;
  return { number: number + 1, untilMs: null, words, acknowledged: new Set(), countedUntilMs: null };
}

/** One that ran out has ended. */
export function passPause(pause: Pause | null, now: number): Pause | null {
  return pause !== null && pause.untilMs !== null && pause.untilMs <= now ? endPause(pause) : pause;
}

/** A voter has the pause of that number in writing; null = of none. */
export function acknowledgePause(
  pause: Pause | null,
  from: NodeName,
  number: number | null,
  quorums: readonly Quorum[],
): Pause | null {
  if (pause === null || pause.untilMs === null || number !== pause.number || pause.acknowledged.has(from))
    return pause;
  const acknowledged = new Set(pause.acknowledged).add(from);
  const counts = quorums.every(
    (it) => it.voters.filter((voter) => acknowledged.has(voter)).length >= it.toContinue,
  );
  return { ...pause, acknowledged, countedUntilMs: counts ? pause.untilMs : pause.countedUntilMs };
}

/**
 * What voters are told at `now`. The remaining time is stretched by the drift that two clocks may have, and the promotion wait is added,
 * in which the holder's fences do their work, as after any lease (inequality.ts).
 */
export function noticeOf(
  pause: Pause | null,
  { clockDriftPercent, waitMs }: Pick<LeaseConfig, 'clockDriftPercent' | 'waitMs'>,
  now: number,
): PauseNotice | null {
  if (pause === null) return null;
  const { number, untilMs, words } = pause;
  if (untilMs === null) return { number, waitMs: 0, words };
  const remainingMs = Math.max(0, untilMs - now);
  return { number, waitMs: remainingMs * (1 + clockDriftPercent / 100) + waitMs, words };
}

/** What a voter keeps on disk after a notice of the lease it stands by: the newest, with the longest wait that it was ever told. */
export function keepNotice(before: PauseNotice | null, told: PauseNotice | null): PauseNotice | null {
  if (told === null || (before !== null && told.number < before.number)) return before;
  if (before?.number !== told.number) return told;
  return told.waitMs > before.waitMs ? told : before;
}
