/** The invariants: watches who acknowledges writes, whose lease is valid and what voters promise, and notes every violation. */
import type { LeaseId } from '../../src/core/lease/lease.ts';
import type { VoterMemory } from '../../src/core/lease/voter.ts';
import type { EventQueue } from './event-queue.ts';
import type { Host } from './host.ts';

interface Validity {
  readonly lease: LeaseId;
  /** True time. */
  readonly until: number;
}

export class Ledger {
  readonly violations: string[] = [];
  /** How often another node than before began to acknowledge. */
  failovers = 0;
  /** How often a host acknowledged beside another one in the time that PROMISES.md excuses, because it had been paused. */
  excused = 0;
  readonly #queue: EventQueue;
  readonly #kernelLease: boolean;
  readonly #validity = new Map<Host, Validity>();
  #lastWriter: { readonly host: Host; readonly epoch: number } | null = null;

  constructor(queue: EventQueue, kernelLease: boolean) {
    this.#queue = queue;
    this.#kernelLease = kernelLease;
  }

  /** A client that reaches this host gets its writes acknowledged now. */
  acknowledges({ runs, server, kernelUntil }: Host): boolean {
    if (!runs || server.stopped || server.cannotWriteSince !== null) return false;
    if (server.state !== 'writable' && server.state !== 'orphans') return false;
    return !this.#kernelLease || this.#queue.now < kernelUntil;
  }

  /** To be called whenever a host may have begun to acknowledge. */
  look(hosts: readonly Host[]): void {
    const all = hosts.filter((it) => this.acknowledges(it));
    const writers = all.length > 1 ? all.filter((it) => !this.isExcused(it)) : all;
    this.excused += all.length - writers.length;
    const [writer] = writers;
    if (writers.length > 1)
      this.#note(`two nodes acknowledge writes: ${writers.map((it) => it.name).join(', ')}`);
    if (writers.length !== 1 || writer === undefined) return;
    const epoch = writer.leaseFile?.epoch ?? 0;
    const last = this.#lastWriter;
    if (last !== null && last.host !== writer && epoch <= last.epoch && this.isExcused(writer)) return;
    if (last !== null && last.host !== writer) {
      this.failovers += 1;
      if (epoch <= last.epoch)
        this.#note(`${writer.name} acknowledges in epoch ${epoch} after ${last.host.name} in ${last.epoch}`);
    }
    if (last === null || last.host !== writer || epoch > last.epoch)
      this.#lastWriter = { host: writer, epoch };
  }

  /** A host has published that it is entitled until a true time. */
  published(host: Host, lease: LeaseId, until: number): void {
    const { now } = this.#queue;
    if (lease.holder !== host.name) this.#note(`${host.name} counts on a lease of ${lease.holder}`);
    for (const [other, validity] of this.#validity)
      if (other !== host && validity.until > now && !this.isExcused(other) && !this.isExcused(host))
        this.#note(
          `leases of ${host.name} (${lease.epoch}) and ${other.name} (${validity.lease.epoch}) are both valid`,
        );
    const before = this.#validity.get(host);
    if (before !== undefined && before.lease.epoch === lease.epoch && before.until <= now)
      this.#note(
        `${host.name} renewed epoch ${lease.epoch}, which ran out ${(now - before.until).toFixed(1)} ms ago`,
      );
    if (before !== undefined && before.lease.epoch > lease.epoch)
      this.#note(`${host.name} went back from epoch ${before.lease.epoch} to ${lease.epoch}`);
    if (before?.lease.epoch === lease.epoch && before.until > until) return;
    this.#validity.set(host, { lease, until });
  }

  /** A host has given its lease away: from now on it may not be valid again. */
  ended(host: Host): void {
    const before = this.#validity.get(host);
    if (before !== undefined)
      this.#validity.set(host, { ...before, until: Math.min(before.until, this.#queue.now) });
  }

  /** A host has ended a pause: what fences it reads a shorter deadline from now on. */
  shortened(host: Host, until: number): void {
    const before = this.#validity.get(host);
    if (before !== undefined) this.#validity.set(host, { ...before, until: Math.min(before.until, until) });
  }

  /** A voter has put something in writing. */
  persisted(host: Host, before: VoterMemory, after: VoterMemory): void {
    const [was, is] = [before.lease, after.lease];
    if (was === null) return;
    if (is === null || is.epoch < was.epoch) this.#note(`${host.name} forgot epoch ${was.epoch}`);
    else if (is.epoch === was.epoch && is.uuid !== was.uuid)
      this.#note(`${host.name} granted epoch ${was.epoch} twice`);
    else if (is.epoch === was.epoch && before.transferredTo !== null && after.transferredTo === null)
      this.#note(`${host.name} forgot that epoch ${was.epoch} was given away`);
  }

  /** It goes on with what it knew before it was paused, by a clock that stood still meanwhile. */
  woke(host: Host, pausedSince: number): void {
    const before = this.#validity.get(host);
    if (before === undefined || before.until <= pausedSince) return;
    this.#validity.set(host, { ...before, until: before.until + this.#queue.now - pausedSince });
  }

  /** The last host that was seen to acknowledge alone. */
  get lastWriter(): Host | null {
    return this.#lastWriter?.host ?? null;
  }

  isExcused({ excusedUntil }: Host): boolean {
    return excusedUntil > this.#queue.now;
  }

  note(violation: string): void {
    this.#note(violation);
  }

  #note(violation: string): void {
    this.violations.push(`at ${(this.#queue.now / 1000).toFixed(3)} s: ${violation}`);
  }
}
