/** Runs the pure machine: one step after the other, each with its memory on disk before anything of it is sent. */
import { randomUUID } from 'node:crypto';
import type { Effects } from '../../core/lease/effects.ts';
import { LeaseNode } from '../../core/lease/lease-node.ts';
import type { LeaseId } from '../../core/lease/lease.ts';
import type { LeaseMessage } from '../../core/lease/message.ts';
import { NO_MEMORY, type VoterMemory } from '../../core/lease/voter.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { DeadlineKeeper } from './deadline-keeper.ts';
import { readLeftBehind, type Inheritance } from './inherit-lease.ts';
import { OverrideKeeper, readOverrideLeftBehind } from './override-keeper.ts';
import type { OverrideRecord } from '../../world/files/override-file.ts';
import type { LeaseRunnerParts, Machine, Step } from './lease-runner-parts.ts';

/** Steps that wait while a memory is written, at most a second long. Datagrams beyond are lost, as any may be. */
const QUEUE_LIMIT = 1_000;

export class LeaseRunner {
  readonly #parts: LeaseRunnerParts;
  readonly #queue: Step[] = [];
  #machine: Machine;
  #report: NodeReport;
  #deadline: DeadlineKeeper;
  #override: OverrideKeeper;
  #writing: Promise<void> | null = null;
  #stopped: string | null = 'not started yet';
  #memoryBroken: string | null = null;
  /** From the call of `giveAway` on, whatever waits before it: this node is entitled to nothing. */
  #givingAway = false;
  /** From the call of `leavePause` on: only renewals count. */
  #leavingPause = false;

  constructor(parts: LeaseRunnerParts, report: NodeReport) {
    this.#parts = parts;
    this.#report = report;
    this.#machine = this.#machineOf(NO_MEMORY, null, null);
    this.#deadline = new DeadlineKeeper(parts.leaseFile, parts.config.self, parts.log, null);
    this.#override = new OverrideKeeper(parts.overrideFile, parts.log, null);
  }

  get machine(): Machine {
    return this.#machine;
  }

  /** Why no steps are taken: the disk does not take the memory. */
  get stopped(): string | null {
    return this.#stopped;
  }

  /** Why this voter grants nothing: what it granted before is not known. */
  get memoryBroken(): string | null {
    return this.#memoryBroken;
  }

  /** What the machine earned and the fences can read; null where either says no. */
  entitledUntil(): number | null {
    const now = this.#parts.now();
    const earned = this.#earnedUntil(now);
    if (this.#givingAway || earned === null) return null;
    const until = Math.min(earned, this.#deadline.untilMs ?? 0);
    return until > now ? until : null;
  }

  /** The override under which this node is entitled; null = none. */
  override(): OverrideRecord | null {
    return this.entitledUntil() === null ? null : this.#override.kept;
  }

  setReport(report: NodeReport): void {
    this.#report = report;
    this.#machine.setReport(report);
  }

  /** Takes a step now, or after the write at hand; steps are taken in the order of the calls. Nothing while stopped. */
  take(step: Step): void {
    if (this.#stopped !== null) return;
    this.#queue.push(step);
    this.#work();
  }

  /** Takes a message that was authenticated. */
  receive(message: LeaseMessage<NodeReport>): void {
    if (this.#queue.length < QUEUE_LIMIT) this.take((machine, now) => machine.receive(message, now));
  }

  /** Time passed. Not worth waiting for: the next tick comes soon. */
  tick(): void {
    if (this.#writing === null) this.take(TICK);
  }

  /** Takes the step that begins an override, with the person's reason for it. */
  force(untilMs: number, reason: string): void {
    this.take((machine, now) => {
      this.#override.announce(reason);
      return machine.override(Math.floor(untilMs), now);
    });
  }

  /** Tells the fences first that the lease is gone, then takes the step. False where the fences could not be told. */
  giveAway(step: Step): boolean {
    const { lease } = this.#machine.memory;
    if (this.#stopped !== null || lease === null || !this.#deadline.end(lease.epoch)) return false;
    this.#givingAway = true;
    this.take((machine, now) => {
      this.#givingAway = false;
      return step(machine, now);
    });
    return true;
  }

  /**
   * Tells the fences first that renewals alone count from now on; `finish` then tells the voters. Null where the fences could not be
   * told, or where nothing would be left: the pause stands then.
   */
  leavePause(): { readonly finish: () => void } | null {
    const { holder } = this.#machine;
    const until = this.#machine.renewedUntil(this.#parts.now());
    if (this.#stopped !== null || until === null || holder.kind !== 'holding') return null;
    if (!this.#deadline.follow(until, holder.lease)) return null;
    this.#leavingPause = true;
    this.#parts.settled();
    const finish = (): void =>
      this.take((machine, now) => {
        this.#leavingPause = false;
        return machine.endPause(now);
      });
    return { finish };
  }

  /** Stops renewing at once. */
  abandon(): void {
    this.#machine.abandon();
    this.#settle();
  }

  /** Begins, or begins again after the disk failed. Never rejects: where the memory cannot be read, it stays stopped with that reason. */
  async begin(first: boolean): Promise<void> {
    const { config, store, leaseFile, overrideFile, log, now } = this.#parts;
    try {
      const stored = await store.read(first);
      const memory = stored.kind === 'memory' ? stored.memory : NO_MEMORY;
      const { inherited, mustEnd } = await readLeftBehind(leaseFile, config, memory, now());
      const override =
        first && inherited !== null
          ? await readOverrideLeftBehind(overrideFile, inherited.lease, now(), log)
          : null;
      this.#memoryBroken = stored.kind === 'broken' ? stored.reason : null;
      if (this.#memoryBroken !== null) log.error({}, `${this.#memoryBroken}; this voter grants nothing`);
      this.#machine = this.#machineOf(memory, first ? inherited : null, override);
      const goesOn = this.#machine.holder.kind === 'holding' ? inherited : null;
      this.#deadline = new DeadlineKeeper(leaseFile, config.self, log, goesOn);
      if (goesOn === null && (mustEnd || inherited !== null)) this.#deadline.end(memory.lease?.epoch ?? 0);
      const until = goesOn === null ? null : this.#machine.entitledUntil(now());
      // Less than what was inherited: the pause of other voters is not gone on with.
      if (goesOn !== null && until !== null) this.#deadline.follow(until, goesOn.lease);
      this.#override = new OverrideKeeper(overrideFile, log, override);
      this.#override.follow(this.#machine.holder);
      this.#stopped = null;
      log.info({ epoch: memory.lease?.epoch ?? null, goesOn: goesOn !== null }, 'voting');
    } catch (error) {
      this.#stopped = errorText(error);
      if (first) log.error({ error: this.#stopped }, 'cannot vote: the memory cannot be read');
    }
    this.#parts.settled();
  }

  /** Resolves once nothing is being written. */
  async idle(): Promise<void> {
    await this.#writing;
  }

  #earnedUntil(now: number): number | null {
    return this.#leavingPause ? this.#machine.renewedUntil(now) : this.#machine.entitledUntil(now);
  }

  #machineOf(memory: VoterMemory, goesOn: Inheritance | null, override: OverrideRecord | null): Machine {
    const { config, now } = this.#parts;
    const overrideUntil = override?.untilMs ?? null;
    const unexpired = goesOn === null ? null : { lease: goesOn.lease, until: goesOn.untilMs, overrideUntil };
    return new LeaseNode(config, memory, this.#report, now(), randomUUID, unexpired);
  }

  #work(): void {
    while (this.#writing === null) {
      const step = this.#queue.shift();
      if (step === undefined) return;
      const effects = step(this.#machine, this.#parts.now());
      if (effects.persist === null) this.#finish(effects);
      else this.#writing = this.#write(effects.persist, effects);
    }
  }

  async #write(memory: VoterMemory, effects: Effects<NodeReport>): Promise<void> {
    try {
      await this.#parts.store.write(memory);
    } catch (error) {
      this.#writing = null;
      this.#stop(errorText(error));
      return;
    }
    this.#writing = null;
    this.#finish(effects);
    // What was made durable counts from the next step on.
    this.#queue.unshift(TICK);
    this.#work();
  }

  #finish(effects: Effects<NodeReport>): void {
    for (const { to, message } of effects.send) this.#parts.send(to, message);
    this.#settle();
  }

  /** A machine whose memory is not on the disk must say nothing more. What it holds is abandoned, and the fences are told. */
  #stop(reason: string): void {
    this.#stopped = reason;
    this.#queue.length = 0;
    this.#givingAway = false;
    this.#leavingPause = false;
    this.#machine.abandon();
    this.#parts.log.error({ reason }, 'cannot vote: the memory cannot be written; the lease is abandoned');
    this.#settle();
  }

  #settle(): void {
    const { holder, memory } = this.#machine;
    this.#override.follow(holder);
    const until = this.#earnedUntil(this.#parts.now());
    if (this.#memoryBroken !== null && memory.lease !== null) this.#memoryBroken = null;
    if (until !== null && holder.kind === 'holding') {
      if (!this.#givingAway) this.#extend(until, holder.lease);
    } else if (this.#deadline.untilMs !== null) this.#deadline.end(memory.lease?.epoch ?? 0);
    this.#parts.settled();
  }

  /** A lease that the fences cannot read serves nobody here, so that it is not renewed either: another node may have it. */
  #extend(until: number, lease: LeaseId): void {
    if (this.#deadline.follow(until, lease)) return;
    // Until then the fences still read what was written before.
    if (this.#deadline.isOf(lease) && (this.#deadline.untilMs ?? 0) > this.#parts.now()) return;
    this.#parts.log.error({ epoch: lease.epoch }, 'lease abandoned: its deadline cannot be written');
    this.#machine.abandon();
  }
}

const TICK: Step = (machine, now) => machine.tick(now);
