/** Two paths between every two hosts: delay, loss, duplication, cuts in one direction or both. */
import type { EventQueue } from './event-queue.ts';
import type { Random } from './random.ts';

export const PATHS = [0, 1] as const;
/** What a cut concerns: one path with everything on it, or on both paths only datagrams, or only connections. */
export type Cut = (typeof PATHS)[number] | 'datagrams' | 'connections';

export class Network {
  /** What of all datagrams is lost. */
  loss = 0;
  /** The longest that a datagram is under way; most are quick. */
  slowestMs = 2;
  /** Hosts to which everything comes late, and how late at most. */
  readonly slowTowards: Map<string, number> = new Map();
  readonly #queue: EventQueue;
  readonly #random: Random;
  /** Cuts that are in force, by direction and path. A direction may be cut by several faults at once. */
  readonly #cuts = new Map<string, Map<string, Map<Cut, number>>>();
  #disturbedAt = 0;

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue;
    this.#random = random;
  }

  cut(from: string, to: string, path: Cut): void {
    const towards = this.#cuts.get(from) ?? new Map<string, Map<Cut, number>>();
    const counts = towards.get(to) ?? new Map<Cut, number>();
    counts.set(path, (counts.get(path) ?? 0) + 1);
    this.#cuts.set(from, towards.set(to, counts));
    this.#disturbedAt = this.#queue.now;
  }

  mend(from: string, to: string, path: Cut): void {
    this.#disturbedAt = this.#queue.now;
    const towards = this.#cuts.get(from);
    const counts = towards?.get(to);
    if (towards === undefined || counts === undefined) return;
    const left = (counts.get(path) ?? 0) - 1;
    if (left > 0) counts.set(path, left);
    else counts.delete(path);
    if (counts.size === 0) towards.delete(to);
    if (towards.size === 0) this.#cuts.delete(from);
  }

  /** One working path, there and back: what TCP needs. */
  connects(a: string, b: string): boolean {
    if (this.#cuts.size === 0) return true;
    if (this.#isCut(a, b, 'connections')) return false;
    return PATHS.some((path) => !this.#isCut(a, b, path) && !this.#isCut(b, a, path));
  }

  /** Nothing of it is disturbed, and for so long that everybody knows. */
  quietFor(milliseconds: number): boolean {
    const disturbed = this.#cuts.size > 0 || this.loss > 0 || this.slowestMs > 2 || this.slowTowards.size > 0;
    if (disturbed) this.#disturbedAt = this.#queue.now;
    return this.#queue.now - this.#disturbedAt >= milliseconds;
  }

  /** Sends one datagram over both paths. A second copy matters only where it is the first, or late: it is left out most of the time. */
  send(from: string, to: string, arrive: () => void): void {
    if (this.#isCut(from, to, 'datagrams')) return;
    let copies = 0;
    for (const path of PATHS) {
      if (copies > 0 && !this.#random.chance(0.05)) return;
      if (this.#isCut(from, to, path) || (this.loss > 0 && this.#random.chance(this.loss))) continue;
      copies += 1;
      this.#queue.after(this.#delayMs() + this.#random.next() * (this.slowTowards.get(to) ?? 0), arrive);
    }
  }

  #isCut(from: string, to: string, path: Cut): boolean {
    return this.#cuts.size > 0 && this.#cuts.get(from)?.get(to)?.has(path) === true;
  }

  #delayMs(): number {
    const it = this.#random.next();
    return 0.05 + it * it * it * this.slowestMs;
  }
}
