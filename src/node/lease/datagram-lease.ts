/** The lease service over datagrams: what the agent asks, turned into steps of the machine, and what it becomes, told to the agent. */
import { NOTHING } from '../../core/lease/effects.ts';
import type { Peer } from '../../core/lease/exchange.ts';
import type { Bequest } from '../../core/lease/bequest.ts';
import { majorityOf, type LeaseConfig, type LeaseId } from '../../core/lease/lease.ts';
import type { LeaseMessage, VoterView } from '../../core/lease/message.ts';
import type { VoterMemory } from '../../core/lease/voter.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import type { OverrideRecord } from '../../world/files/override-file.ts';
import { openDatagramChannel, type DatagramChannel } from '../../world/network/datagram-channel.ts';
import { emptyReport, tooLarge } from './datagram-budget.ts';
import type { DatagramLeaseParts } from './datagram-lease-parts.ts';
import { leaseConfigOf } from './lease-config.ts';
import { LeaseRunner } from './lease-runner.ts';
import type { LeaseService, RunningLeaseService } from './lease-service.ts';
import { statisticsOf, VoteCounts, type LeaseStatistics } from './lease-statistics.ts';
import { OutcomeWaiters } from './outcome-waiters.ts';
import { PauseCalls, type HeldPause } from './pause-calls.ts';
import { VoteStore } from './vote-store.ts';

const TICK_MS = 50;
/** While a claim or a transfer is under way. */
const URGENT_TICK_MS = 25;
/** A machine that was given up begins again so often. */
const AGAIN_MS = 1_000;

export class DatagramLease implements RunningLeaseService {
  readonly #parts: DatagramLeaseParts;
  readonly #config: LeaseConfig;
  readonly #runner: LeaseRunner;
  readonly #waiters = new OutcomeWaiters();
  readonly #pauses: PauseCalls;
  readonly #listeners: (() => void)[] = [];
  readonly #counts = new VoteCounts();
  #channel: DatagramChannel | null = null;
  #timer: NodeJS.Timeout | null = null;
  #beganAt = 0;
  #beginning = false;
  #state = '';
  #entitled = false;

  constructor(parts: DatagramLeaseParts) {
    this.#parts = parts;
    this.#config = leaseConfigOf(parts.cluster, parts.node);
    this.#runner = new LeaseRunner(
      {
        config: this.#config,
        store: new VoteStore(parts.memoryFile),
        leaseFile: parts.leaseFile,
        overrideFile: parts.overrideFile,
        log: parts.log,
        now: parts.now,
        send: this.#send,
        settled: this.#settled,
      },
      emptyReport(parts.node),
    );
    this.#pauses = new PauseCalls(this.#runner, this.#waiters, parts.now);
  }

  async start(secret: string, bind: readonly string[] | null): Promise<void> {
    const { cluster, node, now } = this.#parts;
    const parts = { cluster, node, secret, deliver: this.#deliver, now };
    this.#channel = await openDatagramChannel(bind === null ? parts : { ...parts, bind });
    this.#beganAt = now();
    await this.#runner.begin(true);
    this.#tick();
  }

  readonly entitledUntil = (): number | null => this.#runner.entitledUntil();

  readonly held = (): LeaseId | null => {
    const { holder } = this.#runner.machine;
    return holder.kind === 'holding' && this.entitledUntil() !== null ? holder.lease : null;
  };

  readonly memory = (): VoterMemory => this.#runner.machine.memory;
  readonly ownView = (): VoterView => this.#runner.machine.ownView(this.#parts.now());
  readonly peers = (): ReadonlyMap<NodeName, Peer<NodeReport>> => this.#runner.machine.peers;
  readonly bequest = (): Bequest | null => this.#runner.machine.bequest;

  /** By answers that are at most four renewals old. */
  readonly mayClaim = (): boolean =>
    this.#canAsk() && this.#runner.machine.mayClaim(this.#parts.now(), 4 * this.#config.renewMs);

  /** Throws `refused` where it is too large for a datagram, and then reports nothing about the server until a smaller one comes. */
  readonly setReport = (report: NodeReport): void => {
    const complaint = tooLarge('report', report.node, report);
    this.#runner.setReport(complaint === null ? report : emptyReport(this.#parts.node));
    if (complaint !== null) throw complaint;
  };

  readonly claim = async (limitMs: number, adoption = false): Promise<LeaseId | null> => {
    if (!this.#canAsk()) return null;
    const held = this.held();
    if (held !== null) return held;
    this.#runner.take((machine, now) => machine.claim(now, limitMs, adoption));
    return this.#outcome();
  };

  readonly override = async (untilMs: number, reason: string): Promise<LeaseId | null> => {
    // A claim that is under way ends by itself, at its own limit.
    if (!this.#canAsk() || (await this.#outcome()) !== null) return null;
    this.#runner.force(untilMs, reason);
    return this.#outcome();
  };

  readonly overrideNow = (): OverrideRecord | null => this.#runner.override();

  readonly pauseNow = (): HeldPause | null => this.#pauses.pauseNow();

  readonly pause: LeaseService['pause'] = async (untilMs, words, limitMs) =>
    this.#canAsk() && this.held() !== null ? this.#pauses.pause(untilMs, words, limitMs) : null;

  readonly endPause: LeaseService['endPause'] = (told) => this.#pauses.endPause(told);

  readonly transfer = async (successor: NodeName, proof: unknown, limitMs: number): Promise<boolean> => {
    const complaint = tooLarge('proof', this.#config.self, proof);
    if (complaint !== null) throw complaint;
    if (this.held() === null) return false;
    let given = false;
    const told = this.#runner.giveAway((machine, now) => {
      given = true;
      return machine.transfer(successor, proof, now, limitMs);
    });
    if (!told) {
      // The fences still read a lease: it must run out, and not be somebody else's meanwhile.
      this.abandon();
      return false;
    }
    return this.#waiters.wait(() => {
      if (this.#runner.stopped !== null || this.#channel === null) return { outcome: false };
      const { holder } = this.#runner.machine;
      if (!given) return undefined;
      if (holder.kind !== 'transferring') return { outcome: false };
      const { acknowledged } = holder;
      const enough = acknowledged.size >= majorityOf(this.#config.voters) && acknowledged.has(successor);
      return enough ? { outcome: true } : undefined;
    });
  };

  readonly abandon = (): void => this.#runner.abandon();

  readonly onChange = (listener: () => void): void => {
    this.#listeners.push(listener);
  };

  /** The deadline on tmpfs stays: the agent that comes next goes on with it, or it runs out. */
  readonly close = async (): Promise<void> => {
    const channel = this.#channel;
    this.#channel = null;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#waiters.lookAgain();
    await this.#runner.idle();
    await channel?.close();
  };

  readonly statistics = (): LeaseStatistics =>
    statisticsOf(this.#runner, this.#config, this.#channel, this.#counts, this.#parts.now());

  /** What came of the steps that were taken until now, once it is settled: the lease that this node holds then. */
  #outcome(): Promise<LeaseId | null> {
    let taken = false;
    this.#runner.take(() => {
      taken = true;
      return NOTHING;
    });
    return this.#waiters.wait(() => {
      if (this.#runner.stopped !== null || this.#channel === null) return { outcome: null };
      const { kind } = this.#runner.machine.holder;
      const held = this.held();
      if (!taken || kind === 'claiming' || (kind === 'holding' && held === null)) return undefined;
      return { outcome: held };
    });
  }

  /** A voter without a memory that it can trust neither grants nor asks: it waits until a holder's renewal has taught it. */
  #canAsk(): boolean {
    return this.#runner.stopped === null && this.#runner.memoryBroken === null && this.#channel !== null;
  }

  readonly #deliver = (message: LeaseMessage<NodeReport>): void => {
    this.#counts.hear(message);
    if (message.kind === 'claim' && this.#runner.memoryBroken !== null) this.#counts.countWithoutMemory();
    else this.#runner.receive(message);
  };

  readonly #send = (to: NodeName, message: LeaseMessage<NodeReport>): void => {
    if (message.kind === 'answer') this.#counts.count(message.verdict);
    this.#channel?.send(to, message);
  };

  readonly #tick = (): void => {
    this.#runner.tick();
    if (this.#runner.stopped !== null) void this.#beginAgain();
    if (this.#channel === null) return;
    const { kind } = this.#runner.machine.holder;
    const urgent = kind === 'claiming' || kind === 'transferring';
    this.#timer = setTimeout(this.#tick, urgent ? URGENT_TICK_MS : TICK_MS);
  };

  async #beginAgain(): Promise<void> {
    const now = this.#parts.now();
    if (this.#beginning || now - this.#beganAt < AGAIN_MS) return;
    this.#beginning = true;
    this.#beganAt = now;
    await this.#runner.begin(false);
    this.#beginning = false;
  }

  readonly #settled = (): void => {
    this.#tellOfEntitlement();
    this.#waiters.lookAgain();
    const { machine, stopped } = this.#runner;
    const leases = [machine.memory.lease, ...[...machine.peers.values()].map((it) => it.answer?.view.lease)];
    const state = JSON.stringify([
      this.entitledUntil(),
      machine.bequest?.lease.uuid,
      machine.memory.transferredTo,
      leases.map((lease) => lease?.uuid),
      stopped,
    ]);
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) this.#call(listener);
  };

  #tellOfEntitlement(): void {
    const entitled = this.entitledUntil() !== null;
    if (entitled === this.#entitled) return;
    this.#entitled = entitled;
    const { epoch, holder } = this.memory().lease ?? {};
    if (entitled) this.#parts.log.info({ epoch }, 'lease held');
    else this.#parts.log.warn({ epoch, holder }, 'lease no longer held');
  }

  /** A listener's fault is not the lease's. */
  #call(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.#parts.log.error({ error: errorText(error) }, 'cannot tell of a change of the lease');
    }
  }
}
