/** Random numbers from a seed: the same seed gives the same world, on every machine. */

export class Random {
  #state: number;
  /** Below zero: at the bounds. */
  readonly sign: 1 | -1 = 1;

  constructor(seed: number) {
    this.#state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) >>> 0;
    for (let i = 0; i < 4; i += 1) this.next();
  }

  /** From 0 to below 1 (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let it = this.#state;
    it = Math.imul(it ^ (it >>> 15), it | 1);
    it ^= it + Math.imul(it ^ (it >>> 7), it | 61);
    return ((it ^ (it >>> 14)) >>> 0) / 4_294_967_296;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** Between two bounds, but every third time a bound itself: what breaks, breaks at the edge. */
  edgy(low: number, high: number): number {
    const which = this.next();
    if (which < 0.12) return low;
    return which < 0.34 ? high : this.between(low, high);
  }

  /** The random numbers of a seed; of one below zero those of a world where times and clocks are at their bounds, nearly always the worst. */
  static of(seed: number): Random {
    return seed < 0 ? new BoundsOnly(-seed) : new Random(seed);
  }

  pick<T>(from: readonly T[]): T {
    const it = from[Math.floor(this.next() * from.length)];
    if (it === undefined) throw new Error('cannot pick from nothing');
    return it;
  }

  shuffle<T>(list: readonly T[]): T[] {
    return list
      .map((it) => ({ it, key: this.next() }))
      .toSorted((a, b) => a.key - b.key)
      .map(({ it }) => it);
  }
}

class BoundsOnly extends Random {
  override readonly sign = -1;

  override edgy(low: number, high: number): number {
    return this.chance(0.25) ? low : high;
  }
}
