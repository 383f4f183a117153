/** What happens when: a binary heap of moments, with one true time that no simulated host can see. */

export class EventQueue {
  /** Milliseconds since the beginning of the world. */
  now = 0;
  count = 0;
  readonly #at: number[] = [];
  readonly #order: number[] = [];
  readonly #run: (() => void)[] = [];

  after(delayMs: number, run: () => void): void {
    this.#order.push(this.count);
    this.count += 1;
    this.#at.push(this.now + Math.max(0, delayMs));
    this.#run.push(run);
    this.#rise(this.#at.length - 1);
  }

  /** Runs all events until `endMs`. */
  runUntil(endMs: number): void {
    for (let first = this.#at[0]; first !== undefined && first <= endMs; first = this.#at[0]) {
      this.now = first;
      this.#takeFirst()();
    }
    this.now = endMs;
  }

  #takeFirst(): () => void {
    const run = this.#run[0] as () => void;
    const last = this.#at.length - 1;
    this.#swap(0, last);
    this.#at.pop();
    this.#order.pop();
    this.#run.pop();
    this.#sink();
    return run;
  }

  #rise(from: number): void {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) return;
      this.#swap(i, parent);
      i = parent;
    }
  }

  #sink(): void {
    const length = this.#at.length;
    for (let i = 0; ;) {
      let least = 2 * i + 1;
      if (least >= length) return;
      if (least + 1 < length && this.#before(least + 1, least)) least += 1;
      if (!this.#before(least, i)) return;
      this.#swap(i, least);
      i = least;
    }
  }

  /** Earlier; of two at the same moment the one that was entered first. */
  #before(a: number, b: number): boolean {
    const [atA, atB] = [this.#at[a] as number, this.#at[b] as number];
    return atA === atB ? (this.#order[a] as number) < (this.#order[b] as number) : atA < atB;
  }

  #swap(a: number, b: number): void {
    swap(this.#at, a, b);
    swap(this.#order, a, b);
    swap(this.#run, a, b);
  }
}

function swap(list: unknown[], a: number, b: number): void {
  const kept = list[a];
  list[a] = list[b];
  list[b] = kept;
}
