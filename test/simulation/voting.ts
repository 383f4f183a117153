/** The lease of one simulated agent: the real machine, its datagrams, its memory on a disk that may fail, and its deadline on tmpfs. */
import type { Unexpired } from '../../src/core/lease/resume.ts';
import type { Effects } from '../../src/core/lease/effects.ts';
import type { LeaseNode } from '../../src/core/lease/lease-node.ts';
import type { LeaseMessage } from '../../src/core/lease/message.ts';
import type { VoterMemory } from '../../src/core/lease/voter.ts';
import type { NodeReport } from '../../src/core/model/node-report.ts';
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';
import { leaseConfig } from './terms.ts';

type Message = LeaseMessage<NodeReport>;

/** What a socket holds for a process that is stopped. */
const SOCKET_MESSAGES = 100;

export class Voting {
  machine: LeaseNode<NodeReport>;
  /** Since when this node has been entitled without a break, by its host's clock; null = it is not. */
  entitledSince: number | null = null;
  /** A pause is being ended: only what renewals earned counts. */
  leavesPause = false;
  readonly #agent: Agent;
  readonly #uuidPrefix: string;
  #uuids = 0;
  #persisting: VoterMemory | null = null;
  #inbox: Message[] = [];
  #published = 0;
  /** It votes no more before its disk takes a memory again. */
  #mute = false;

  /** Begins with what is on disk and on tmpfs. */
  constructor(agent: Agent) {
    this.#agent = agent;
    const { host, world } = agent;
    this.#uuidPrefix = `${host.name}${Math.round(world.now * 1000)}.`;
    const { lease } = host.memory;
    const file = host.leaseFile;
    const unexpired =
      file !== null && lease !== null && lease.holder === host.name && lease.epoch === file.epoch
        ? { lease, until: file.until }
        : null;
    this.machine = this.#begin(unexpired);
    if (this.machine.holder.kind === 'idle' && file !== null) this.renounce();
    this.shorten(this.machine.entitledUntil(agent.clock) ?? Number.POSITIVE_INFINITY);
  }

  /** Its last effects are being made durable. */
  get writes(): boolean {
    return this.#persisting !== null;
  }

  /** The process is killed: the disk may have what it no longer got to say. */
  end(): void {
    if (this.#persisting !== null && this.#agent.world.random.chance(0.5)) this.#written(this.#persisting);
  }

  /** A machine with what is on the disk. */
  #begin(unexpired: Unexpired | null): LeaseNode<NodeReport> {
    const { world, host, configuration, clock } = this.#agent;
    const uuid = (): string => {
      this.#uuids += 1;
      return this.#uuidPrefix + this.#uuids;
    };
    const config = leaseConfig(host.name, configuration);
    return new world.subject.LeaseNode<NodeReport>(
      config,
      host.memory,
      emptyReport(host),
      clock,
      uuid,
      unexpired,
    );
  }

  arrive(message: Message): void {
    if (this.#agent.state === 'dead' || this.#mute) return;
    if (this.#persisting !== null || this.#agent.halted) {
      if (this.#inbox.length < SOCKET_MESSAGES) this.#inbox.push(message);
    } else this.#take(message);
  }

  /** Does one thing with the machine once its last effects are done. */
  use(step: (machine: LeaseNode<NodeReport>, clock: number) => Effects<NodeReport>): void {
    if (this.#mute) return;
    if (this.#persisting !== null) {
      this.#agent.later(1, () => this.use(step));
      return;
    }
    const { kind } = this.machine.holder;
    const before = this.machine.memory;
    const effects = step(this.machine, this.#agent.clock);
    if (this.machine.holder.kind !== kind) this.#agent.wake();
    if (effects.persist === null) this.#send(effects);
    else this.#persist(before, effects.persist, effects);
  }

  #persist(before: VoterMemory, memory: VoterMemory, effects: Effects<NodeReport>): void {
    const { world, host } = this.#agent;
    const { random } = world;
    world.ledger.persisted(host, before, memory);
    this.#persisting = memory;
    if (host.diesAtPersist) world.queue.after(random.between(0, 20), () => this.#agent.kill());
    host.diesAtPersist = false;
    const slow = host.voteDisk === 'slow' && random.chance(0.7);
    this.#agent.later(slow ? random.edgy(100, 4_000) : random.between(0.1, 15), () => {
      this.#persisting = null;
      if (host.voteDisk === 'fails') {
        this.#giveUp(memory);
        return;
      }
      this.#written(memory);
      this.#send(effects);
      this.drain();
    });
  }

  /** The disk did not take the memory, or nobody knows: the machine says nothing more, and a new one begins once the disk works again. */
  #giveUp(memory: VoterMemory): void {
    const { world, host } = this.#agent;
    world.say(host, 'the vote cannot be written');
    if (world.random.chance(0.5)) this.#written(memory);
    this.#mute = true;
    this.#inbox = [];
    this.machine.abandon();
    this.renounce();
    this.#publish();
    const again = (): void => {
      if (host.voteDisk === 'fails') {
        this.#agent.later(1_000, again);
        return;
      }
      this.machine = this.#begin(null);
      this.#agent.tell();
      this.#mute = false;
      this.#published = 0;
      world.say(host, 'votes again');
    };
    this.#agent.later(1_000, again);
  }

  /** Takes the deadline away: whoever fences reads from now on that there is no lease. */
  renounce(): void {
    const { host, world } = this.#agent;
    const stood = host.hasLease(world.now);
    host.leaseFile = null;
    host.kernelUntil = world.now;
    world.ledger.ended(host);
    // Where it had run out they are at it already.
    if (stood) world.watchGuards(host);
  }

  /** Makes the deadline as short as renewals alone make it, before a voter is told. */
  shorten(until: number): void {
    const { host, world } = this.#agent;
    if (host.leaseFile === null || host.leaseFile.until <= until) return;
    this.#published = until;
    host.leaseFile = { ...host.leaseFile, until };
    host.kernelUntil = host.trueTime(until);
    world.ledger.shortened(host, host.kernelUntil);
    world.watchGuards(host);
  }

  #written(memory: VoterMemory): void {
    this.#agent.host.memory = memory;
  }

  #send({ send }: Effects<NodeReport>): void {
    const { world, host } = this.#agent;
    for (const { to, message } of send) {
      const target = world.hostNamed(to);
      world.network.send(host.name, to, () => target.agent?.voting.arrive(message));
      if (message.kind === 'answer') world.reach.verdict(message.verdict);
    }
    this.#publish();
  }

  /** Takes what the socket holds. */
  drain(): void {
    while (this.#persisting === null && this.#agent.state === 'runs' && !this.#agent.halted) {
      const message = this.#inbox.shift();
      if (message === undefined) return;
      this.#take(message);
    }
  }

  #take(message: Message): void {
    this.use((machine, clock) => machine.receive(message, clock));
  }

  /** Writes the deadline where it grew: in centiseconds, rounded down. */
  #publish(): void {
    const { holder } = this.machine;
    if (holder.kind !== 'holding') {
      this.entitledSince = null;
      return;
    }
    this.entitledSince ??= this.#agent.clock;
    const earned = this.machine[this.leavesPause ? 'renewedUntil' : 'entitledUntil'](this.#agent.clock);
    const until = Math.floor((earned ?? 0) / 10) * 10;
    if (until <= this.#published && this.#agent.host.leaseFile?.epoch === holder.lease.epoch) return;
    if (until <= this.#agent.clock) return;
    this.#published = until;
    const { host, world } = this.#agent;
    host.leaseFile = { until, epoch: holder.lease.epoch };
    // What a majority granted takes the place of all that was claimed before.
    const { uuid, epoch } = holder.lease;
    if (host.lineage.held?.epoch !== epoch || host.lineage.uuids.size > 1)
      host.lineage = { uuids: new Set([uuid]), held: { uuid, epoch } };
    host.kernelUntil = host.trueTime(until);
    world.ledger.published(host, holder.lease, host.trueTime(earned ?? 0));
    // The guards of a node that was adopted just now begin with its first lease.
    if (host.guardWatch === 0) world.watchGuards(host);
    if (world.kernelLease) world.ledger.look(world.hosts);
  }
}

export function emptyReport(host: Host): NodeReport {
  const { name: node, kind, priority, adopted } = host;
  const nothing = { server: null, holdsVip: null, fenced: null, readyToSucceed: false, sights: [] };
  return { node, kind, priority, adopted, ...nothing };
}
