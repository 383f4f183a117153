/** A stand-in for PostgreSQL on one host: its states, its branch of the history, and nothing of its data but how much there is. */
import type { DutyServer, ServerState } from '../../src/core/guard/duty.ts';
import type { NodeName } from '../../src/core/model/names.ts';

/** Bytes of WAL that a primary writes in a millisecond. */
const WAL_PER_MS = 100;

export class FakeServer {
  state: ServerState = 'none';
  /** True time of the last change. */
  since = 0;
  promoting = false;
  answersInRecovery = false;
  endedCleanly = true;
  /** The dead primary's agent holds the data directory against any start. */
  locked = false;
  /** SIGSTOP of all its processes. */
  stopped = false;
  stoppedSince = 0;
  cannotWriteSince: number | null = null;
  timeline = 1;
  history = 'root';
  pointsTo: NodeName | null = null;
  streamsFrom: NodeName | null = null;
  notStreamingSince: number | null = 0;
  /** Counts every change, so that what was begun before a change does not end after it. */
  generation = 0;
  #walBytes = 0;
  #walSince = 0;

  become(state: ServerState, now: number): void {
    this.#walBytes = this.walBytes(now);
    this.#walSince = now;
    this.state = state;
    this.since = now;
    this.generation += 1;
    this.promoting = false;
    this.answersInRecovery = false;
    if (state !== 'recovery') this.stopStreaming(now);
    if (state === 'none') this.stopped = false;
    if (state !== 'writable') this.cannotWriteSince = null;
  }

  stopStreaming(now: number): void {
    if (this.streamsFrom !== null) this.notStreamingSince = now;
    this.streamsFrom = null;
  }

  /** End of written or received WAL. */
  walBytes(now: number): number {
    const grows = this.state === 'writable' && !this.stopped && this.cannotWriteSince === null;
    return Math.floor(this.#walBytes + (grows ? (now - this.#walSince) * WAL_PER_MS : 0));
  }

  /** A standby has what its primary had, up to the moment. */
  receive(bytes: number, now: number): void {
    if (bytes < this.walBytes(now)) return;
    this.#walBytes = bytes;
    this.#walSince = now;
  }

  /** A promotion begins a branch of its own, also one that the guard ends: its timeline stays behind. */
  branch(name: string, now: number): void {
    this.timeline += 1;
    this.history = `${this.history}/${name}${Math.round(now)}@${this.walBytes(now)}`;
  }

  /** Becomes a copy of the holder's data. */
  copyFrom(other: FakeServer, now: number): void {
    this.timeline = other.timeline;
    this.history = other.history;
    this.#walBytes = other.walBytes(now);
    this.#walSince = now;
  }

  /** As the agent sees it; `clock` gives the host's clock for a true time. */
  look(clock: (at: number) => number): DutyServer {
    const since = (at: number | null): number | null => (at === null ? null : clock(at));
    return {
      state: this.state,
      since: clock(this.since),
      answersInRecovery: this.answersInRecovery && !this.stopped,
      endedCleanly: this.endedCleanly,
      silentSince: this.stopped ? clock(this.stoppedSince) : null,
      cannotWriteSince: since(this.cannotWriteSince),
      streamsFrom: this.streamsFrom,
      notStreamingSince: this.streamsFrom === null ? since(this.notStreamingSince) : null,
      pointsTo: this.pointsTo,
    };
  }
}
