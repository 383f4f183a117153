/** What this node's standby was last read to be set to; forgotten where its server or its settings were changed since the reading began. */
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { CandidateSettings } from '../../world/postgres/candidate-settings.ts';

/** What was read longer ago promotes nobody. */
const FRESH_MS = 5_000;

/** All moments are boot-time milliseconds. */
export class StandbySettings {
  #read: { readonly value: CandidateSettings; readonly at: number } | null = null;
  #forgotAt = 0;

  /** The last that was read, however old. */
  get last(): CandidateSettings | null {
    return this.#read?.value ?? null;
  }

  /** For decisions that need it to be of now. */
  fresh(now: number): Known<CandidateSettings> {
    return this.#read !== null && now - this.#read.at <= FRESH_MS
      ? known(this.#read.value)
      : unknown('its settings were not read lately');
  }

  /** Whether they must be read again: never yet, or longer than `limitMs` ago. */
  due(now: number, limitMs: number): boolean {
    return this.#read === null || now - this.#read.at >= limitMs;
  }

  /** `begunAt` is when the reading began: what began before the last change may be from before it. */
  take(value: CandidateSettings, begunAt: number): void {
    if (begunAt >= this.#forgotAt) this.#read = { value, at: begunAt };
  }

  /** Another server runs, or this one was told other settings. */
  forget(now: number): void {
    this.#read = null;
    this.#forgotAt = now;
  }
}
