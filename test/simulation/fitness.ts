/** What may be wrong with a simulated node that would become primary, beside its data: each flaw with the time it began. */

/** Each is what one or more of F1 to F21 must see (checks.md section 1). */
export const FLAWS = [
  /** F1: a person or a program is at work on it. */
  'work',
  /** F3: replay is paused, or delayed. */
  'replay-paused',
  /** F11: its own network is broken towards the clients. */
  'no-gateway',
  /** F18: a stranger answers for the VIP. */
  'vip-taken',
  /** F20: as it is configured it could not serve. */
  'cannot-serve',
  /** F21: nobody here would carry the VIP. */
  'no-keepalived',
] as const;
export type Flaw = (typeof FLAWS)[number];

export class Fitness {
  readonly #since = new Map<Flaw, number>();
  /** Counts what began and ended. */
  changes = 0;

  begin(flaw: Flaw, now: number): boolean {
    if (this.#since.has(flaw)) return false;
    this.#since.set(flaw, now);
    this.changes += 1;
    return true;
  }

  end(flaw: Flaw): void {
    this.#since.delete(flaw);
    this.changes += 1;
  }

  endAll(): void {
    this.#since.clear();
    this.changes += 1;
  }

  has(flaw: Flaw): boolean {
    return this.#since.size > 0 && this.#since.has(flaw);
  }

  /** The flaws that have stood for so long that the agent must have seen them. */
  lasting(now: number, forMs: number): readonly Flaw[] {
    return [...this.#since].flatMap(([flaw, since]) => (now - since >= forMs ? [flaw] : []));
  }
}
