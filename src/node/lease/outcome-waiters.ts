/** Those who asked for a lease, or gave one away, and wait for how it ends. */

interface Waiter {
  /** The outcome; undefined while it is open. */
  readonly look: () => (() => void) | undefined;
}

export class OutcomeWaiters {
  readonly #waiters = new Set<Waiter>();

  /** Resolves with the first outcome that `look` sees, looking now and at each `lookAgain`. `look` must come to an end by itself. */
  wait<T>(look: () => { readonly outcome: T } | undefined): Promise<T> {
    return new Promise((resolve) => {
      const waiter: Waiter = {
        look: () => {
          const seen = look();
          return seen === undefined ? undefined : () => resolve(seen.outcome);
        },
      };
      this.#waiters.add(waiter);
      this.lookAgain();
    });
  }

  lookAgain(): void {
    for (const waiter of this.#waiters) {
      const tell = waiter.look();
      if (tell === undefined) continue;
      this.#waiters.delete(waiter);
      tell();
    }
  }
}
