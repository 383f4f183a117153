/** One simulated cluster: hosts, network, time, and the physical acts that agents, guards, people and faults do to servers. */
import { Ledger } from './ledger.ts';
import { EventQueue } from './event-queue.ts';
import type { Host } from './host.ts';
import { Network } from './network.ts';
import type { Setting } from './plan.ts';
import type { Random } from './random.ts';
import type { Reach } from './reach.ts';
import { Rows } from './rows.ts';
import { synchronousWord } from './streaming.ts';
import type { Subject } from './subject.ts';
import type { Configuration, Terms } from './terms.ts';

export class World {
  readonly queue: EventQueue = new EventQueue();
  readonly random: Random;
  readonly network: Network;
  readonly ledger: Ledger;
  readonly rows: Rows;
  readonly subject: Subject;
  readonly reach: Reach;
  /** The terms by which the guards keep their limits. */
  readonly terms: Terms;
  readonly kernelLease: boolean;
  readonly synchronous: boolean;
  /** The longest that a promotion takes. */
  readonly promotionMs: number;
  readonly log: ((text: string) => void) | null;
  hosts: readonly Host[] = [];
  databases: readonly Host[] = [];
  witnesses: readonly Host[] = [];
  /** What hosts are still to be restarted with; null = they leave the cluster. */
  readonly pending: Map<Host, Configuration | null> = new Map();
  /** Until then no other voter's disk is replaced. */
  disksLastUntil = 0;
  /** What mends the faults that were begun. */
  readonly mends: (() => void)[] = [];
  readonly #byName = new Map<string, Host>();

  constructor(
    random: Random,
    subject: Subject,
    setting: Setting,
    terms: Terms,
    reach: Reach,
    log: ((text: string) => void) | null,
  ) {
    this.random = random;
    this.subject = subject;
    this.terms = terms;
    this.reach = reach;
    this.kernelLease = setting.kernelLease;
    this.synchronous = setting.synchronous;
    this.promotionMs = setting.promotionMs;
    this.log = log;
    this.network = new Network(this.queue, random);
    this.ledger = new Ledger(this.queue, setting.kernelLease);
    this.rows = new Rows(this);
  }

  get now(): number {
    return this.queue.now;
  }

  populate(hosts: readonly Host[]): void {
    this.hosts = hosts;
    this.databases = hosts.filter((it) => it.kind === 'database');
    this.witnesses = hosts.filter((it) => it.kind === 'witness');
    for (const host of hosts) {
      this.#byName.set(host.name, host);
      host.server.changed = () => host.agent?.wake();
    }
  }

  hostNamed(name: string): Host {
    const host = this.#byName.get(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  }

  say(host: Host, text: string): void {
    if (this.log !== null) this.log(`${(this.now / 1000).toFixed(3)} ${host.name}: ${text}`);
  }

  /** A time that the guards promise, at its worst by any host's clock. */
  limit(milliseconds: number): number {
    return milliseconds / Math.sqrt(1 + this.terms.driftPercent / 100);
  }

  /** All processes of the server end. */
  endServer(host: Host, cleanly: boolean): void {
    if (host.server.state === 'none') return;
    host.server.become('none', this.now);
    host.server.endedCleanly = cleanly;
    host.vip = false;
    this.say(host, cleanly ? 'PostgreSQL shut down' : 'PostgreSQL ended');
  }

  /** Only the postmaster ends: its processes go on writing. */
  orphanServer(host: Host): void {
    host.server.become('orphans', this.now);
    host.server.endedCleanly = false;
    this.say(host, 'postmaster ended, orphans go on');
  }

  /** Starts the server: a standby is born, whoever starts it. False where it cannot be started. */
  startServer(host: Host): boolean {
    const { server } = host;
    if (!host.runs || server.state !== 'none' || server.locked) return false;
    server.become('between', this.now);
    this.#laterFor(host, this.random.between(100, 800), () => {
      server.become('recovery', this.now);
      this.say(host, 'PostgreSQL is in recovery');
      this.#laterFor(host, this.random.between(0, 400), () => {
        server.answersInRecovery = true;
      });
    });
    return true;
  }

  /** Promotes the server, by whomever: at its end PostgreSQL's own guard asks for the lease. */
  promoteServer(host: Host): void {
    const { server } = host;
    if (server.state !== 'recovery' || !server.answersInRecovery || server.promoting || !host.runs) return;
    server.promoting = true;
    this.#laterFor(host, this.random.edgy(1, this.promotionMs), () => {
      server.branch(host.name, this.now);
      if (server.stopped) server.setStopped(false, this.now);
      if (!host.hasLease(this.now)) {
        this.say(host, 'the guard ended a promotion');
        this.endServer(host, false);
        return;
      }
      server.become('writable', this.now);
      server.dataEpoch = host.leaseFile?.epoch ?? server.dataEpoch;
      // Before anybody can write: nobody follows yet, and commits would wait for ever.
      if (this.synchronous) server.synchronous = synchronousWord(this, true);
      server.pointsTo = null;
      host.owed = null;
      host.vip = true;
      this.say(host, `promoted in epoch ${host.leaseFile?.epoch ?? 0}`);
      this.ledger.look(this.hosts);
      this.rows.look();
      this.watchGuards(host);
    });
  }

  #laterFor(host: Host, delayMs: number, run: () => void): void {
    const { generation } = host.server;
    const attempt = (): void => {
      if (!host.powered || host.server.generation !== generation) return;
      if (host.pausedSince === null) run();
      else host.held.push(attempt);
    };
    this.queue.after(delayMs, attempt);
  }

  /** To be called when a server became writable, its deadline was taken away, or a guard came back. */
  watchGuards(host: Host): void {
    host.guardWatch += 1;
    this.#awaitDeadline(host, host.guardWatch);
  }

  /** Fuse and dead-man script look all the time; here they look once more after each deadline, as late as they may. */
  #awaitDeadline(host: Host, watch: number): void {
    if (!isExposed(host)) return;
    const deadline = host.leaseFile === null ? this.now : host.trueTime(host.leaseFile.until);
    this.queue.after(deadline - this.now + 0.01, () => {
      if (host.guardWatch !== watch || host.pausedSince !== null) return;
      if (host.hasLease(this.now)) this.#awaitDeadline(host, watch);
      else this.#lookLate(host, watch);
    });
  }

  #lookLate(host: Host, watch: number): void {
    const { random, terms } = this;
    const byFuse = host.fuse === 'runs';
    const interval = byFuse ? terms.deadManMs : Math.max(terms.deadManMs, 1200);
    const late = random.edgy(0, this.limit(interval)) + random.edgy(0, this.limit(terms.marginMs));
    this.queue.after(Math.max(late, 0.1), () => {
      if (host.guardWatch !== watch || host.pausedSince !== null || !isExposed(host)) return;
      const anyLooks = byFuse ? host.fuse === 'runs' : host.keepalived === 'runs';
      if (host.hasLease(this.now)) this.#awaitDeadline(host, watch);
      else if (anyLooks) this.#kill(host, watch);
      else this.#lookLate(host, watch);
    });
  }

  #kill(host: Host, watch: number): void {
    this.say(host, 'a guard fences');
    this.queue.after(this.random.edgy(0, this.limit(this.terms.killMs)), () => {
      if (host.pausedSince !== null || !isExposed(host)) return;
      if (!host.hasLease(this.now)) this.endServer(host, false);
      // It came just now: what was to be killed is watched on.
      else if (host.guardWatch === watch) this.#awaitDeadline(host, watch);
    });
  }
}

/** Something of this host may be writable. */
export function isExposed({ powered, server }: Host): boolean {
  return powered && (server.state === 'writable' || server.state === 'orphans');
}
