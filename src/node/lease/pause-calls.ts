/** What people ask of a lease that is to be paused: begun and waited for, seen, and ended with the fences first. */
import type { PauseWords } from '../../core/lease/pause.ts';
import type { LeaseRunner } from './lease-runner.ts';
import type { OutcomeWaiters } from './outcome-waiters.ts';

/** The pause of the lease that this node holds. Moments are boot-time milliseconds. */
export interface HeldPause {
  readonly untilMs: number;
  readonly words: PauseWords;
  /** A majority has it in writing, so that this node is entitled until then; else it only keeps others from being promoted. */
  readonly counts: boolean;
}

export class PauseCalls {
  readonly #runner: LeaseRunner;
  readonly #waiters: OutcomeWaiters;
  readonly #now: () => number;

  constructor(runner: LeaseRunner, waiters: OutcomeWaiters, now: () => number) {
    this.#runner = runner;
    this.#waiters = waiters;
    this.#now = now;
  }

  readonly pauseNow = (): HeldPause | null => {
    const { holder } = this.#runner.machine;
    if (holder.kind !== 'holding' || holder.pause === null || this.#runner.entitledUntil() === null)
      return null;
    const { untilMs, countedUntilMs, words } = holder.pause;
    return untilMs === null ? null : { untilMs, words, counts: countedUntilMs === untilMs };
  };

  /** Steps are taken each 50 ms, so that the wait comes to its end. */
  readonly pause = (untilMs: number, words: PauseWords, limitMs: number): Promise<HeldPause | null> => {
    const giveUpAt = this.#now() + limitMs;
    let taken = false;
    this.#runner.take((machine, now) => {
      taken = true;
      return machine.pause(untilMs, words, now);
    });
    return this.#waiters.wait(() => {
      if (this.#runner.stopped !== null) return { outcome: null };
      const held = this.pauseNow();
      const settled = taken && (held === null || held.counts);
      return settled || this.#now() >= giveUpAt ? { outcome: held } : undefined;
    });
  };

  readonly endPause = async (told: () => Promise<void>): Promise<boolean> => {
    const leaving = this.#runner.leavePause();
    if (leaving === null) return false;
    await told();
    leaving.finish();
    return this.#waiters.wait(() => {
      if (this.#runner.stopped !== null) return { outcome: false };
      const { holder } = this.#runner.machine;
      if (holder.kind !== 'holding') return { outcome: false };
      return holder.pause?.untilMs === null ? { outcome: true } : undefined;
    });
  };
}
