/** Which datagrams of one peer are new: each counts once, and only where its sender was alive after this agent was started. No clocks. */

/** Travels with every datagram. */
export interface SessionHeader {
  /** Random text that the sender chose when its agent was started. */
  readonly start: string;
  /** Grows with each datagram that this sender made for this receiver since then. */
  readonly counter: number;
  /** The receiver's `start` as the sender knows it; null where it knows none. */
  readonly echo: string | null;
  /** Counter of the newest datagram of that start. */
  readonly echoCounter: number;
}

/**
 * `duplicate`: came by another path already. `unproven`: may be older than this agent; the sender must be told our `start`.
 * `unproven-again`: the same, and not the newest of them.
 */
export type Judgement = 'fresh' | 'duplicate' | 'unproven' | 'unproven-again' | 'replayed';

/** Datagrams may overtake one another within so many. */
const WINDOW = 256;
/** Starts that were followed by another one; only who knows the secret can make one. */
const RETIRED_LIMIT = 1_024;

interface TheirSession {
  readonly start: string;
  /** Nothing up to here is taken: it may be older than this agent. */
  readonly floor: number;
  highest: number;
  /** How often each recent counter came. */
  readonly seen: Map<number, number>;
}

/**
 * One peer's session. A datagram that was recorded earlier cannot prolong anything: within a start every counter counts once; a start
 * that was followed by another is dead; and a start that is new here must echo *our* start and something that we sent since we last
 * heard of its predecessor, which nobody can have recorded before.
 */
export class DatagramSession {
  readonly #start: string;
  readonly #copies: number;
  #sent = 0;
  #theirs: TheirSession | null = null;
  /** What to echo while nothing is proven. */
  #heard: { readonly start: string; readonly counter: number } | null = null;
  #sentWhenLastTaken = 0;
  readonly #retired = new Set<string>();

  /** `copies`: by how many paths a datagram may come. */
  constructor(start: string, copies: number) {
    this.#start = start;
    this.#copies = copies;
  }

  /** The peer's start, where it is proven. */
  get provenStart(): string | null {
    return this.#theirs?.start ?? null;
  }

  /** The header of the next datagram. */
  next(): SessionHeader {
    this.#sent += 1;
    const start = this.#theirs?.start ?? null;
    return this.#header(start, this.#theirs?.highest ?? 0);
  }

  /** The header of an answer to the newest datagram that was found unproven: it shows our start to whoever made it. */
  nextForUnproven(): SessionHeader {
    this.#sent += 1;
    return this.#header(this.#heard?.start ?? null, this.#heard?.counter ?? 0);
  }

  /** Judges a datagram that is authentic; `fresh` at most once for each. */
  judge(header: SessionHeader): Judgement {
    if (header.start === this.#theirs?.start) return this.#judgeKnown(this.#theirs, header.counter);
    if (this.#retired.has(header.start)) return 'replayed';
    if (header.echo !== this.#start) {
      const newest = this.#heard?.start === header.start ? this.#heard.counter : -1;
      if (header.counter <= newest) return 'unproven-again';
      this.#heard = { start: header.start, counter: header.counter };
      return 'unproven';
    }
    if (header.echoCounter < this.#sentWhenLastTaken || header.echoCounter > this.#sent) return 'replayed';
    if (this.#theirs !== null) this.#retire(this.#theirs.start);
    const { start, counter } = header;
    this.#theirs = { start, floor: counter, highest: counter, seen: new Map([[counter, 1]]) };
    this.#sentWhenLastTaken = this.#sent;
    return 'fresh';
  }

  #judgeKnown(theirs: TheirSession, counter: number): Judgement {
    const copies = theirs.seen.get(counter);
    if (copies !== undefined) {
      theirs.seen.set(counter, copies + 1);
      return copies < this.#copies ? 'duplicate' : 'replayed';
    }
    if (counter <= theirs.floor || counter <= theirs.highest - WINDOW) return 'replayed';
    theirs.seen.set(counter, 1);
    if (counter > theirs.highest) {
      theirs.highest = counter;
      for (const old of theirs.seen.keys()) if (old <= counter - WINDOW) theirs.seen.delete(old);
    }
    this.#sentWhenLastTaken = this.#sent;
    return 'fresh';
  }

  #retire(start: string): void {
    this.#retired.add(start);
    const [oldest] = this.#retired;
    if (this.#retired.size > RETIRED_LIMIT && oldest !== undefined) this.#retired.delete(oldest);
  }

  #header(echo: string | null, echoCounter: number): SessionHeader {
    return { start: this.#start, counter: this.#sent, echo, echoCounter };
  }
}
