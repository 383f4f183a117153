/** What happens when: a heap of moments, with one true time that no simulated host can see. */

const FIRST_SIZE = 256;

export class EventQueue {
  /** Milliseconds since the beginning of the world. */
  now = 0;
  count = 0;
  /** A heap with four children each, in columns: moment, order of entry, and where in `#runs` the event is. */
  #at = new Float64Array(FIRST_SIZE);
  #order = new Float64Array(FIRST_SIZE);
  #slot = new Int32Array(FIRST_SIZE);
  #length = 0;
  readonly #runs: ((() => void) | null)[] = [];
  readonly #free: number[] = [];

  after(delayMs: number, run: () => void): void {
    if (this.#length === this.#at.length) this.#grow();
    let slot = this.#free.pop();
    if (slot === undefined) slot = this.#runs.push(run) - 1;
    else this.#runs[slot] = run;
    this.#rise(this.#length, this.now + (delayMs > 0 ? delayMs : 0), this.count, slot);
    this.#length += 1;
    this.count += 1;
  }

  /** Runs all events until `endMs`. */
  runUntil(endMs: number): void {
    while (this.#length > 0 && (this.#at[0] as number) <= endMs) {
      this.now = this.#at[0] as number;
      const slot = this.#slot[0] as number;
      const run = this.#runs[slot] as () => void;
      this.#runs[slot] = null;
      this.#free.push(slot);
      this.#length -= 1;
      const last = this.#length;
      if (last > 0)
        this.#sink(this.#at[last] as number, this.#order[last] as number, this.#slot[last] as number);
      run();
    }
    this.now = endMs;
  }

  #grow(): void {
    const size = this.#at.length * 2;
    const [at, order, slot] = [new Float64Array(size), new Float64Array(size), new Int32Array(size)];
    at.set(this.#at);
    order.set(this.#order);
    slot.set(this.#slot);
    [this.#at, this.#order, this.#slot] = [at, order, slot];
  }

  /** Earlier first; of two at the same moment the one that was entered first. A new one was entered last. */
  #rise(from: number, at: number, order: number, slot: number): void {
    let i = from;
    while (i > 0) {
      const parent = (i - 1) >> 2;
      if ((this.#at[parent] as number) <= at) break;
      this.#put(i, this.#at[parent] as number, this.#order[parent] as number, this.#slot[parent] as number);
      i = parent;
    }
    this.#put(i, at, order, slot);
  }

  /** Finds the place of what was last, from the top. */
  #sink(at: number, order: number, slot: number): void {
    const length = this.#length;
    let i = 0;
    for (;;) {
      const least = this.#leastChild(i, length);
      if (least < 0) break;
      const childAt = this.#at[least] as number;
      if (childAt > at || (childAt === at && (this.#order[least] as number) > order)) break;
      this.#put(i, childAt, this.#order[least] as number, this.#slot[least] as number);
      i = least;
    }
    this.#put(i, at, order, slot);
  }

  #leastChild(parent: number, length: number): number {
    const first = 4 * parent + 1;
    if (first >= length) return -1;
    const end = Math.min(first + 4, length);
    let least = first;
    for (let child = first + 1; child < end; child += 1) {
      const [a, b] = [this.#at[child] as number, this.#at[least] as number];
      if (a < b || (a === b && (this.#order[child] as number) < (this.#order[least] as number)))
        least = child;
    }
    return least;
  }

  #put(i: number, at: number, order: number, slot: number): void {
    this.#at[i] = at;
    this.#order[i] = order;
    this.#slot[i] = slot;
  }
}
