/** The agent of one simulated host: the real lease machine and the real decisions, with a process that can be stopped and killed around them. */
import type { Duty, DutyLease } from '../../src/core/guard/duty.ts';
import type { LeaseNode } from '../../src/core/lease/lease-node.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';
import type { LeaseService } from '../../src/node/lease/lease-service.ts';
import { act } from './act.ts';
import type { Host, ProcessState } from './host.ts';
import { serviceOf, viewOf } from './lease-of.ts';
import { dutySnapshot, isCalm, isResting, report, urgencyOf } from './look.ts';
import { Hearsay } from './hearsay.ts';
import { Readiness } from './readiness.ts';
import { keepStreaming, keepSynchronous } from './streaming.ts';
import type { Configuration } from './terms.ts';
import { takeUp } from './take-up.ts';
import { emptyReport, Voting } from './voting.ts';
import type { World } from './world.ts';

const WATCH_MS = 50;
const DUTY_MS = 200;
const CALM_MS = 1_000;

export class Agent {
  readonly world: World;
  readonly host: Host;
  readonly configuration: Configuration;
  readonly startedAt: number;
  readonly voting: Voting;
  readonly service: LeaseService = serviceOf(this);
  readonly hearsay: Hearsay = new Hearsay(this.service);
  readonly readiness: Readiness = new Readiness(this);
  state: ProcessState = 'runs';
  /** What it is doing; null = nothing. */
  action: string | null = null;
  /** Why the last promotion was refused after all; null = none was. */
  refusal: string | null = null;
  /** What was decided last. */
  duty: Duty | null = null;
  #report: NodeReport;
  #held: (() => void)[] = [];
  #lookedAt = 0;
  #urgency = 0;
  /** Counts the watches: an older one is void. */
  #watches = 0;
  #watchesAt = 0;

  /** Begins as a process begins: with what is on disk and on tmpfs. */
  constructor(world: World, host: Host, configuration: Configuration) {
    this.world = world;
    this.host = host;
    this.configuration = configuration;
    this.startedAt = world.now;
    this.voting = new Voting(this);
    this.#report = emptyReport(host);
    this.#watchIn(world.random.between(0, 5));
  }

  get machine(): LeaseNode<NodeReport> {
    return this.voting.machine;
  }

  get clock(): number {
    return this.host.clock(this.world.now);
  }

  /** It does nothing: the process is stopped, or its whole host is. */
  get halted(): boolean {
    return this.state === 'stopped' || this.host.pausedSince !== null;
  }

  kill(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.host.agent = null;
    // The lock of the data directory was held by this very process.
    this.host.server.locked = false;
    this.voting.end();
  }

  stop(): void {
    if (this.state === 'runs') this.state = 'stopped';
  }

  /** SIGCONT: timers, sockets and what was under way, in any order. */
  resume(): void {
    if (this.state === 'stopped') this.state = 'runs';
    this.goOn();
  }

  /** Does what it could not do while it, or its host, stood still. */
  goOn(): void {
    if (this.state === 'dead' || this.halted) return;
    const held = this.world.random.shuffle([...this.#held, () => this.voting.drain()]);
    this.#held = [];
    for (const run of held) this.later(0, run);
  }

  /** Runs something after a time, or when the process is resumed; never once it is dead. */
  later(delayMs: number, run: () => void): void {
    this.world.queue.after(delayMs, () => this.#whenRunning(run));
  }

  #whenRunning(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.halted) this.#held.push(() => this.#whenRunning(run));
    else run();
  }

  /** Something changed around it that it would see at its next look: that comes soon. */
  wake(): void {
    const { now, random } = this.world;
    if (this.state !== 'dead' && this.#watchesAt - now > WATCH_MS) this.#watchIn(WATCH_MS * random.next());
  }

  #watchIn(delayMs: number): void {
    this.#watches += 1;
    const watch = this.#watches;
    this.#watchesAt = this.world.now + delayMs;
    this.world.queue.after(delayMs, () => {
      if (watch === this.#watches) this.#watch();
    });
  }

  #watch(): void {
    if (this.state === 'dead') return;
    if (this.halted) {
      this.#held.push(() => this.#watch());
      return;
    }
    if (!this.voting.writes) this.voting.use((machine, clock) => machine.tick(clock));
    takeUp(this);
    this.hearsay.take(this.clock);
    this.tell();
    if (this.host.kind === 'database') this.#lookAround();
    const { random } = this.world;
    this.#watchIn((this.#restMs() - 4 * random.next()) / this.host.rate);
  }

  /** Until the next watch: short, but where nothing would be seen before the next renewal, that long. */
  #restMs(): number {
    if (!isResting(this)) return WATCH_MS;
    const { renewMs } = this.configuration.terms;
    const until = this.machine.entitledUntil(this.clock);
    return until !== null && until - this.clock < 2 * renewMs ? WATCH_MS : renewMs + 5;
  }

  /** What changed is answered at once; the rest is looked at a few times a second, and seldom where all is as it should be. */
  #lookAround(): void {
    keepStreaming(this.world, this.host);
    keepSynchronous(this.world, this.host);
    const urgency = urgencyOf(this);
    const changed = urgency !== this.#urgency;
    this.#urgency = urgency;
    const interval = isCalm(this) ? CALM_MS : DUTY_MS;
    if (!changed && this.clock - this.#lookedAt < interval) return;
    this.#lookedAt = this.clock;
    const lease = viewOf(this);
    this.#report = report(this, lease);
    this.tell();
    this.#doDuty(lease);
  }

  /** What it remembers grows older between two looks. */
  tell(): void {
    const remembers = this.hearsay.remembered(this.clock);
    this.machine.setReport({ ...this.#report, remembers });
  }

  #doDuty(lease: DutyLease): void {
    const { world, host } = this;
    const duty = world.subject.decideDuty(dutySnapshot(this, lease));
    if (duty.kind !== this.duty?.kind || duty.reason !== this.duty.reason) {
      world.reach.duty(duty);
      world.say(host, `${duty.kind}: ${duty.reason}`);
    }
    this.duty = duty;
    act(this, duty);
  }
}
