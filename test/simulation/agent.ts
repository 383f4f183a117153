/** The agent of one simulated host: the real lease machine and the real decisions, with a process that can be stopped and killed around them. */
import { decideDuty } from '../../src/core/guard/decide-duty.ts';
import type { Duty } from '../../src/core/guard/duty.ts';
import type { Effects } from '../../src/core/lease/effects.ts';
import type { LeaseNode } from '../../src/core/lease/lease-node.ts';
import type { LeaseMessage } from '../../src/core/lease/message.ts';
import type { VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';
import { act } from './act.ts';
import type { Host, ProcessState } from './host.ts';
import { dutySnapshot, isCalm, isResting, report, urgencyOf } from './look.ts';
import { keepStreaming } from './streaming.ts';
import { leaseConfig, type Configuration } from './terms.ts';
import type { World } from './world.ts';

type Message = LeaseMessage<NodeReport>;

const WATCH_MS = 50;
const DUTY_MS = 200;
const CALM_MS = 1_000;
/** What a socket holds for a process that is stopped. */
const SOCKET_MESSAGES = 100;

export class Agent {
  readonly world: World;
  readonly host: Host;
  readonly configuration: Configuration;
  readonly machine: LeaseNode<NodeReport>;
  state: ProcessState = 'runs';
  /** What it is doing; null = nothing. */
  action: string | null = null;
  leavesPause = false;
  /** What was decided last. */
  duty: Duty | null = null;
  /** Since when it has been entitled without a break, by this host's clock; null = it is not. */
  entitledSince: number | null = null;
  #persisting: VoterMemory | null = null;
  #inbox: Message[] = [];
  #held: (() => void)[] = [];
  #lookedAt = 0;
  #published = 0;
  #urgency = 0;

  /** Begins as a process begins: with what is on disk and on tmpfs. */
  constructor(world: World, host: Host, configuration: Configuration) {
    this.world = world;
    this.host = host;
    this.configuration = configuration;
    const { lease } = host.memory;
    const file = host.leaseFile;
    const unexpired =
      file !== null && lease !== null && lease.holder === host.name && lease.epoch === file.epoch
        ? { lease, until: file.until }
        : null;
    let uuids = 0;
    const prefix = `${host.name}${Math.round(world.now * 1000)}.`;
    this.machine = new world.subject.LeaseNode<NodeReport>(
      leaseConfig(host.name, configuration),
      host.memory,
      emptyReport(host),
      this.clock,
      () => `${prefix}${(uuids += 1)}`,
      unexpired,
    );
    if (this.machine.holder.kind === 'idle' && file !== null) this.renounce();
    this.shorten(this.machine.entitledUntil(this.clock) ?? Number.POSITIVE_INFINITY);
    world.queue.after(world.random.between(0, 5), () => this.#watch());
  }

  get clock(): number {
    return this.host.clock(this.world.now);
  }

  kill(): void {
    if (this.state === 'dead') return;
    this.state = 'dead';
    this.host.agent = null;
    // The lock of the data directory was held by this very process.
    this.host.server.locked = false;
    // The disk may have what the process no longer got to say.
    if (this.#persisting !== null && this.world.random.chance(0.5)) this.#written(this.#persisting);
  }

  stop(): void {
    if (this.state === 'runs') this.state = 'stopped';
  }

  /** SIGCONT: timers, sockets and what was under way, in any order. */
  resume(): void {
    if (this.state !== 'stopped') return;
    this.state = 'runs';
    const held = this.world.random.shuffle([...this.#held, () => this.#drain()]);
    this.#held = [];
    for (const run of held) this.later(0, run);
  }

  /** Runs something after a time, or when the process is resumed; never once it is dead. */
  later(delayMs: number, run: () => void): void {
    this.world.queue.after(delayMs, () => this.#whenRunning(run));
  }

  #whenRunning(run: () => void): void {
    if (this.state === 'dead') return;
    if (this.state === 'stopped') this.#held.push(() => this.#whenRunning(run));
    else run();
  }

  arrive(message: Message): void {
    if (this.state === 'dead') return;
    if (this.state === 'stopped' || this.#persisting !== null) {
      if (this.#inbox.length < SOCKET_MESSAGES) this.#inbox.push(message);
    } else this.#take(message);
  }

  /** Does one thing with the machine once its last effects are done. */
  use(step: (machine: LeaseNode<NodeReport>, clock: number) => Effects<NodeReport>): void {
    if (this.#persisting !== null) {
      this.later(1, () => this.use(step));
      return;
    }
    const before = this.machine.memory;
    const effects = step(this.machine, this.clock);
    if (effects.persist === null) {
      this.#send(effects);
      return;
    }
    this.world.ledger.persisted(this.host, before, effects.persist);
    this.#persisting = effects.persist;
    if (this.host.diesAtPersist) this.world.queue.after(this.world.random.between(0, 20), () => this.kill());
    this.host.diesAtPersist = false;
    this.later(this.world.random.between(0.1, 15), () => {
      this.#written(effects.persist as VoterMemory);
      this.#persisting = null;
      this.#send(effects);
      this.#drain();
    });
  }

  /** Takes the deadline away: whoever fences reads from now on that there is no lease. To be called before the lease is given away. */
  renounce(): void {
    const { host, world } = this;
    const stood = host.hasLease(world.now);
    host.leaseFile = null;
    host.kernelUntil = world.now;
    world.ledger.ended(host);
    // Where it had run out they are at it already.
    if (stood) world.watchGuards(host);
  }

  /** Makes the deadline as short as renewals alone make it, before a voter is told. */
  shorten(until: number): void {
    const { host, world } = this;
    if (host.leaseFile === null || host.leaseFile.until <= until) return;
    this.#published = until;
    host.leaseFile = { ...host.leaseFile, until };
    world.ledger.shortened(host, (host.kernelUntil = host.trueTime(until)));
    world.watchGuards(host);
  }

  #written(memory: VoterMemory): void {
    this.host.memory = memory;
  }

  #send({ send }: Effects<NodeReport>): void {
    const { network, hosts } = this.world;
    for (const { to, message } of send) {
      const target = hosts.find((it) => it.name === to);
      if (target !== undefined) network.send(this.host.name, to, () => target.agent?.arrive(message));
    }
    this.#publish();
  }

  #drain(): void {
    while (this.#persisting === null && this.state === 'runs') {
      const message = this.#inbox.shift();
      if (message === undefined) return;
      this.#take(message);
    }
  }

  #take(message: Message): void {
    const { server } = message.report;
    if (server?.role === 'primary')
      this.host.lastPrimaries.set(message.from, { report: message.report, at: this.clock });
    this.use((machine, clock) => machine.receive(message, clock));
  }

  /** Writes the deadline where it grew: in centiseconds, rounded down. */
  #publish(): void {
    const { holder } = this.machine;
    if (holder.kind !== 'holding') {
      this.entitledSince = null;
      return;
    }
    this.entitledSince ??= this.clock;
    const earned = this.machine[this.leavesPause ? 'renewedUntil' : 'entitledUntil'](this.clock);
    const until = Math.floor((earned ?? 0) / 10) * 10;
    if (until <= this.#published && this.host.leaseFile?.epoch === holder.lease.epoch) return;
    if (until <= this.clock) return;
    this.#published = until;
    const { host, world } = this;
    host.leaseFile = { until, epoch: holder.lease.epoch };
    host.lineage.add(holder.lease.uuid);
    host.kernelUntil = host.trueTime(until);
    world.ledger.published(host, holder.lease, host.trueTime(earned ?? 0));
    // The guards of a node that was adopted just now begin with its first lease.
    if (host.guardWatch === 0) world.watchGuards(host);
    if (world.kernelLease) world.ledger.look(world.hosts);
  }

  #watch(): void {
    if (this.state === 'dead') return;
    if (this.state === 'stopped') {
      this.#held.push(() => this.#watch());
      return;
    }
    if (this.#persisting === null) this.use((machine, clock) => machine.tick(clock));
    if (this.host.kind === 'database') this.#lookAround();
    const { random, queue } = this.world;
    const restMs = isResting(this) ? this.configuration.terms.renewMs + 5 : WATCH_MS;
    queue.after((restMs - 4 * random.next()) / this.host.rate, () => this.#watch());
  }

  /** What changed is answered at once; the rest is looked at a few times a second, and seldom where all is as it should be. */
  #lookAround(): void {
    keepStreaming(this.world, this.host);
    const urgency = urgencyOf(this);
    const changed = urgency !== this.#urgency;
    this.#urgency = urgency;
    const interval = isCalm(this) ? CALM_MS : DUTY_MS;
    if (!changed && this.clock - this.#lookedAt < interval) return;
    this.#lookedAt = this.clock;
    this.machine.setReport(report(this));
    this.#doDuty();
  }

  #doDuty(): void {
    const duty = decideDuty(dutySnapshot(this));
    if (duty.kind !== this.duty?.kind || duty.reason !== this.duty.reason)
      this.world.say(this.host, `${duty.kind}: ${duty.reason}`);
    this.duty = duty;
    act(this, duty);
  }
}

function emptyReport(host: Host): NodeReport {
  const { name: node, kind, priority, adopted } = host;
  const nothing = { server: null, holdsVip: null, fenced: null, readyToSucceed: false, sights: [] };
  return { node, kind, priority, adopted, ...nothing };
}
