/** A stand-in for PostgreSQL on one host: its states, its branch of the history, and nothing of its data but how much there is. */
import type { DutyServer, ServerState } from '../../src/core/guard/duty.ts';
import type { Lsn } from '../../src/core/model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../../src/core/model/names.ts';
import { ASYNCHRONOUS, type SynchronousWord } from '../../src/core/model/synchronous-word.ts';

export const SYSTEM: SystemIdentifier = '7000000000000000001' as SystemIdentifier;
/** Of a data directory that is not this cluster's. */
export const FOREIGN_SYSTEM: SystemIdentifier = '7000000000000000009' as SystemIdentifier;

/** Bytes of WAL that a primary writes in a millisecond. */
export const WAL_PER_MS = 100;

/** A place in the WAL: on which branch, and where. */
export interface Position {
  readonly history: string;
  readonly bytes: number;
}

/** What the agent of a dead primary proves of it. */
export interface Certificate extends Position {
  readonly node: NodeName;
  readonly timeline: number;
  readonly endLsn: Lsn;
  readonly synchronous: SynchronousWord;
}

export class FakeServer {
  state: ServerState = 'none';
  /** True time of the last change. */
  since = 0;
  promoting = false;
  answersInRecovery = false;
  endedCleanly = true;
  /** The dead primary's agent holds the data directory against any start. */
  locked = false;
  /** SIGSTOP of all its processes: since when. */
  stoppedSince: number | null = null;
  cannotWriteSince: number | null = null;
  /** Its host stands still. */
  #paused = false;
  /** Names the cluster that its data belong to. */
  system: SystemIdentifier = SYSTEM;
  timeline = 1;
  history = 'root';
  /** Of the lease under which its newest branch was written: the row that a primary commits first. */
  dataEpoch = 1;
  pointsTo: NodeName | null = null;
  streamsFrom: NodeName | null = null;
  notStreamingSince: number | null = 0;
  /** How its commits wait for standbys, where it is primary. */
  synchronous: SynchronousWord = ASYNCHRONOUS;
  /** Told of each change of its state. */
  changed: () => void = () => undefined;
  /** Counts every change, so that what was begun before a change does not end after it. */
  generation = 0;
  #walBytes = 0;
  #walSince = 0;

  get waitsForNobody(): boolean {
    return this.synchronous.names === '' || this.synchronous.degraded;
  }

  get stopped(): boolean {
    return this.stoppedSince !== null;
  }

  become(state: ServerState, now: number): void {
    this.#settle(now);
    this.state = state;
    this.since = now;
    this.generation += 1;
    this.promoting = false;
    this.answersInRecovery = false;
    if (state !== 'recovery') this.stopStreaming(now);
    if (state === 'none') this.stoppedSince = null;
    if (state !== 'writable') this.cannotWriteSince = null;
    this.changed();
  }

  /** SIGSTOP of all its processes, or SIGCONT. */
  setStopped(stopped: boolean, now: number): void {
    this.#settle(now);
    this.stoppedSince = stopped ? now : null;
    this.changed();
  }

  /** Every write fails from now on, or no longer. */
  setCannotWrite(cannot: boolean, now: number): void {
    this.#settle(now);
    this.cannotWriteSince = cannot ? now : null;
    this.changed();
  }

  pause(now: number): void {
    this.#settle(now);
    this.#paused = true;
  }

  /** The host goes on after a while of which its clock knows nothing: what had begun before seems to have begun later. */
  resume(now: number, pausedMs: number): void {
    this.#settle(now);
    this.#paused = false;
    const later = (at: number | null): number | null => (at === null ? null : at + pausedMs);
    this.since += pausedMs;
    this.stoppedSince = later(this.stoppedSince);
    this.cannotWriteSince = later(this.cannotWriteSince);
    this.notStreamingSince = later(this.notStreamingSince);
    this.changed();
  }

  #settle(now: number): void {
    this.#walBytes = this.walBytes(now);
    this.#walSince = now;
  }

  stopStreaming(now: number): void {
    if (this.streamsFrom !== null) this.notStreamingSince = now;
    this.streamsFrom = null;
  }

  /** End of written or received WAL. */
  walBytes(now: number): number {
    const grows =
      this.state === 'writable' &&
      this.stoppedSince === null &&
      this.cannotWriteSince === null &&
      !this.#paused;
    return Math.floor(this.#walBytes + (grows ? (now - this.#walSince) * WAL_PER_MS : 0));
  }

  position(now: number): Position {
    return { history: this.history, bytes: this.walBytes(now) };
  }

  /** Whether it has what was written up to a place. */
  contains({ history, bytes }: Position, now: number): boolean {
    if (this.history === history) return this.walBytes(now) >= bytes;
    const fork = forkOf(history, this.history);
    return fork !== null && fork >= bytes;
  }

  /** A standby on the same branch, or before it, receives all there is. */
  follow(upstream: FakeServer, now: number): void {
    this.timeline = upstream.timeline;
    this.history = upstream.history;
    this.dataEpoch = upstream.dataEpoch;
    this.receive(upstream.walBytes(now), now);
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
    this.system = other.system;
    this.timeline = other.timeline;
    this.history = other.history;
    this.dataEpoch = other.dataEpoch;
    this.#walBytes = other.walBytes(now);
    this.#walSince = now;
  }

  /** As the agent sees it; `clock` gives the host's clock for a true time. */
  look(clock: (at: number) => number): DutyServer {
    const since = (at: number | null): number | null => (at === null ? null : clock(at));
    return {
      state: this.state,
      since: clock(this.since),
      answersInRecovery: this.answersInRecovery && this.stoppedSince === null,
      endedCleanly: this.endedCleanly,
      silentSince: since(this.stoppedSince),
      cannotWriteSince: since(this.cannotWriteSince),
      streamsFrom: this.streamsFrom,
      notStreamingSince: this.streamsFrom === null ? since(this.notStreamingSince) : null,
      pointsTo: this.pointsTo,
    };
  }
}

/** Where `later` left the branch that is `earlier`'s last one; null where it did not come from there. */
export function forkOf(earlier: string, later: string): number | null {
  if (!later.startsWith(`${earlier}/`)) return null;
  const [, forked] = /^\/[^@]+@(\d+)/.exec(later.slice(earlier.length)) ?? [];
  return Number(forked);
}
