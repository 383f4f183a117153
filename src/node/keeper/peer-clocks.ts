/** How much time has passed by any clock that this node hears of: its own stands still with a host that its hypervisor stops. */
import type { ClockReading } from '../../core/lease/exchange.ts';
import type { NodeName } from '../../core/model/names.ts';

interface Moment {
  readonly at: number;
  /** What the others' clocks showed then. */
  readonly theirs: ReadonlyMap<NodeName, number>;
}

const APART_MS = 500;
/** At most so long, and half of it at least. */
const KEPT_MS = 120_000;
/** What was heard longer ago is no look at that clock any more. */
const FRESH_MS = 1_000;
/** A clock that shows so much less than before was begun anew; by less, a datagram was late. */
const REBOOTED_MS = 30_000;

/** All moments are boot-time milliseconds of this host, unless they are called theirs. */
export class PeerClocks {
  readonly #latest = new Map<NodeName, ClockReading>();
  #past: Moment[] = [];

  take(node: NodeName, reading: ClockReading): void {
    const before = this.#latest.get(node);
    const isLate = before !== undefined && reading.theirs <= before.theirs;
    if (!isLate || before.theirs - reading.theirs > REBOOTED_MS) this.#latest.set(node, reading);
  }

  /** Remembers what all clocks show now. */
  mark(now: number): void {
    const last = this.#past.at(-1);
    if (last !== undefined && now - last.at < APART_MS) return;
    const theirs = new Map<NodeName, number>();
    for (const [node, reading] of this.#latest)
      if (now - reading.at <= FRESH_MS) theirs.set(node, reading.theirs + now - reading.at);
    this.#past.push({ at: now, theirs });
    if (now - (this.#past[0]?.at ?? now) > KEPT_MS) this.#past = this.#past.slice(this.#past.length / 2);
  }

  /** The longest time that any of the clocks shows to have passed since `at`; never less than by this host's own. */
  since(at: number, now: number): number {
    const own = now - at;
    const then = this.#past.findLast((it) => it.at <= at);
    if (then === undefined) return own;
    let longest = own;
    for (const [node, theirs] of then.theirs) {
      const latest = this.#latest.get(node);
      if (latest === undefined) continue;
      const passed = latest.theirs - theirs + (now - latest.at) - (at - then.at);
      longest = Math.max(longest, passed);
    }
    return longest;
  }
}
