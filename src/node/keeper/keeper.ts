/** The keeper of a database node: looks, decides its duty, runs the one procedure for it, and looks again. */
import { describeObstacles, type FailoverDecision } from '../../core/guard/criterion.ts';
import { decideDuty } from '../../core/guard/decide-duty.ts';
import type { Duty, DutySnapshot } from '../../core/guard/duty.ts';
import { isCalm } from '../../core/guard/is-calm.ts';
import { cutsClientsOff } from '../../core/guard/kernel-lease-duty.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport } from '../../core/model/node-report.ts';
import { PrimacyError } from '../../core/model/primacy-error.ts';
import type { LostSlot } from '../../core/model/replication-slot.ts';
import { bootMillis } from '../../world/clock.ts';
import { readControlFile } from '../../world/postgres/control-data.ts';
import { isIdle } from './act.ts';
import { confirmEpoch } from './confirm-epoch.ts';
import type { KeeperContext } from './context.ts';
import { createFenceWatch, type FenceWatch } from './fence-watch.ts';
import { createProcedures, type Procedures } from './procedures.ts';
import { reportOf, takeSnapshot, type Facts, type SnapshotParts } from './snapshot.ts';
import { createUpkeep } from './upkeep.ts';

export interface KeeperParts extends SnapshotParts {
  readonly context: KeeperContext;
  /** Asks the server now, and judges the gate by what it says; calls at the same time share one look. */
  readonly lookNow: () => Promise<void>;
  /** What cannot be read in no time is read in the background; this is what was read last. */
  readonly facts: () => Omit<Facts, 'entitledSince'>;
  readonly probe: SnapshotParts['evidence']['probe'];
  /** Uuid of the lease whose epoch row was seen committed here; null = none. */
  readonly confirmedEpoch: () => string | null;
}

export interface KeeperState {
  readonly duty: Duty;
  readonly running: readonly Duty['kind'][];
  readonly snapshot: DutySnapshot;
  /** What the other nodes are told. */
  readonly report: NodeReport;
  /** The criteria on silence, as they stand. */
  readonly failover: FailoverDecision | null;
  /** Logical slots of the last primary that this one has not. */
  readonly lostSlots: readonly LostSlot[];
}

/** How a request for promotion ended. */
export interface PromotionAnswer {
  readonly promoted: boolean;
  /** One sentence without full stop. */
  readonly reason: string;
  /** Null where nothing had to be decided. */
  readonly decision: FailoverDecision | null;
}

const PROMOTION_LIMIT_MS = 30_000;
/** A duty whose reason alone changes is logged this seldom. */
const SAY_AGAIN_MS = 10_000;

/** A deadline that does not move is told to the kernel this often. */
const EXTEND_AGAIN_MS = 1_000;

/** Where all is well, a change of the server or the lease makes the next decision, or this time. */
const CALM_MS = 200;

export class Keeper {
  readonly #parts: KeeperParts;
  readonly #procedures: Procedures;
  readonly #upkeep: () => Promise<void>;
  readonly #watchFence: FenceWatch;
  #seen: { readonly snapshot: DutySnapshot; readonly report: NodeReport } | null = null;
  #duty: Duty = { kind: 'wait', reason: 'nothing was looked at yet' };
  #said: { readonly kind: string; readonly reason: string; readonly at: number } | null = null;
  #extendedUntil = 0;
  #extendedAt = 0;
  #entitledSince: number | null = null;
  #calmUntil = 0;
  #confirming = false;
  #soon = false;

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#procedures = createProcedures(parts.context, () => this.tickSoon());
    this.#watchFence = createFenceWatch(parts.context);
    this.#upkeep = createUpkeep(parts.context, () => this.#duty);
    parts.lease.onChange(() => this.tickSoon());
  }

  /** What was decided last. */
  get duty(): Duty {
    return this.#duty;
  }

  /** Null before the first look. */
  state(): KeeperState | null {
    if (this.#seen === null) return null;
    const { snapshot, report } = this.#seen;
    const running = this.#procedures.running();
    const failover = snapshot.failover.silence ?? null;
    const { lost: lostSlots } = this.#parts.context.slots;
    return { duty: this.#duty, running, snapshot, report, failover, lostSlots };
  }

  /** Looks once more before anything else happens, however often it is called until then. */
  tickSoon(): void {
    if (this.#soon) return;
    this.#soon = true;
    setImmediate(() => {
      this.#soon = false;
      if (this.#parts.context.signal.aborted) return;
      this.#calmUntil = 0;
      this.tick();
    });
  }

  /** One look at the server, and a decision where something changed or time has passed. To be called every `watchSeconds`. */
  tick(): void {
    const { own, lease } = this.#parts;
    const now = bootMillis();
    const changed = own.tick(now);
    if (changed) this.#serverChanged();
    const ended = lease.entitledUntil() === null && this.#entitledSince !== null;
    if (changed || ended || now >= this.#calmUntil) this.#decide(now);
  }

  /** What follows from the decision runs beside. */
  #decide(now: number): void {
    const { own, surroundings, context, lease, probe } = this.#parts;
    surroundings.tick(now);
    this.#entitledSince = lease.entitledUntil() === null ? null : (this.#entitledSince ?? now);
    const held = lease.held();
    if (held !== null && this.#entitledSince !== null) context.memory.hold(held);
    const facts = { ...this.#parts.facts(), entitledSince: this.#entitledSince };
    const snapshot = takeSnapshot(this.#parts, facts, now);
    const duty = decideDuty(snapshot);
    const report = reportOf(this.#parts, snapshot, probe.sights());
    this.#seen = { snapshot, report };
    this.#duty = duty;
    this.#driveKernelLease(snapshot, duty);
    lease.setReport(report);
    this.#say(duty, now);
    this.#calmUntil = isCalm(duty, snapshot) ? now + CALM_MS : now;
    if (context.signal.aborted) return;
    this.#watchFence(snapshot, duty, this.#procedures.running().length > 0);
    if (duty.kind === 'hold') this.#confirmEpoch();
    if (duty.kind === 'wait' && own.seen.state === 'recovery' && snapshot.lease.entitledUntil !== null)
      void this.#parts.lookNow();
    if (!isIdle(duty)) void this.#procedures.begin(duty);
  }

  /** Looks now, decides, and says what it saw. */
  look(): KeeperState {
    this.#decide(bootMillis());
    return this.#state();
  }

  /** A person asks for what the agent does by itself where it may: the same criteria, looked at now, and nothing overrules them. */
  async promote(): Promise<PromotionAnswer> {
    await this.#parts.surroundings.suspiciousStep();
    const { lease, server, failover } = this.look().snapshot;
    const isHolder = lease.entitledUntil !== null;
    if (isHolder && server.state === 'writable')
      return { promoted: true, reason: 'it is primary already', decision: null };
    const way = isHolder ? 'holder-in-recovery' : lease.bequest === null ? 'silence' : 'certain-death';
    const decision = failover[way] ?? null;
    if (decision?.promote !== true)
      return { promoted: false, reason: describeObstacles(decision ?? undefined), decision };
    const reason = 'asked for by a person, every criterion passes';
    const duty: Duty =
      lease.bequest !== null && !isHolder
        ? { kind: 'succeed', from: lease.bequest.lease.holder, reason }
        : { kind: isHolder ? 'promote-here' : 'take-over', reason };
    // Null: it is under way by itself.
    await (this.#procedures.begin(duty) ?? this.#procedures.settled(PROMOTION_LIMIT_MS));
    this.tick();
    const after = this.#state().snapshot;
    const promoted = after.lease.entitledUntil !== null && after.server.state === 'writable';
    return { promoted, reason: promoted ? reason : 'it did not become writable; see the journal', decision };
  }

  /** A person asks this holder to make way. False where something else is under way; what came of it has to be looked at. */
  async stepDownFor(successor: NodeName, reason: string): Promise<boolean> {
    const under = this.#procedures.begin({ kind: 'step-down', cause: 'switchover', successor, reason });
    await under;
    return under !== null;
  }

  #state(): KeeperState {
    const state = this.state();
    if (state === null) throw new PrimacyError('refused', 'cannot decide yet: nothing was looked at');
    return state;
  }

  /** Every few seconds. */
  upkeep(): Promise<void> {
    return this.#upkeep();
  }

  /** Waits for what is under way, so that an agent that ends leaves nothing half done; what takes longer goes on by itself or is resumed. */
  settled(limitMs: number): Promise<void> {
    return this.#procedures.settled(limitMs);
  }

  /** A server that began or ended is asked at once; of one that ended the control file says how. */
  #serverChanged(): void {
    const { own, cluster, context } = this.#parts;
    void this.#parts.lookNow();
    if (own.seen.state !== 'none') return;
    void readControlFile(context.runner, cluster.postgres).then((control) => {
      own.tellHowItEnded(control.kind === 'known' && control.value.state.startsWith('shut down'));
      this.tickSoon();
    });
  }

  #driveKernelLease({ lease, now }: DutySnapshot, duty: Duty): void {
    const { kernelLease } = this.#parts.context;
    const until = lease.entitledUntil;
    if (until === null) {
      if (cutsClientsOff(duty)) kernelLease.revoke();
      this.#extendedUntil = 0;
      // A pause stands as it is for long, and ends short: its rules may have been flushed meanwhile.
    } else if (until !== this.#extendedUntil || now - this.#extendedAt >= EXTEND_AGAIN_MS) {
      kernelLease.extend(until);
      this.#extendedUntil = until;
      this.#extendedAt = now;
    }
  }

  /** Where an agent ended between promotion and row, or the lease is a later one of the same primary. */
  #confirmEpoch(): void {
    const { context, lease, own } = this.#parts;
    const held = lease.held();
    if (held === null || this.#confirming || this.#parts.confirmedEpoch() === held.uuid) return;
    if (own.role(bootMillis()) !== 'primary') return;
    this.#confirming = true;
    confirmEpoch(context, held, false)
      .catch((error: unknown) => context.log.error({ error: String(error) }, 'cannot confirm the epoch'))
      .finally(() => {
        this.#confirming = false;
      });
  }

  #say(duty: Duty, now: number): void {
    const said = this.#said;
    const same = said?.kind === duty.kind && (said.reason === duty.reason || now - said.at < SAY_AGAIN_MS);
    if (same) return;
    this.#said = { kind: duty.kind, reason: duty.reason, at: now };
    this.#parts.context.log.info({ duty: duty.kind, reason: duty.reason }, 'duty');
  }
}
