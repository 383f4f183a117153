/** What the keeper keeps over its own restart: leases it held, what it still owes for them, failovers it began; and the death it proved. */
import type { LeaseId } from '../../core/lease/lease.ts';
import { parseDeathCertificate, type DeathCertificate } from '../../core/model/death-certificate.ts';
import { known, unknown, type Known } from '../../core/model/known.ts';
import type { EpochMillis, NodeName } from '../../core/model/names.ts';
import { errorText, PrimacyError } from '../../core/model/primacy-error.ts';
import type { Paths } from '../../config/paths.ts';
import { readFailovers, writeFailovers, type Failover } from '../../world/files/failovers.ts';
import { NONE_HELD, readHeldLease, writeHeldLease, type HeldLease } from '../../world/files/held-lease.ts';
import type { DataDirectoryLock } from '../../world/postgres/data-directory-lock.ts';
import type { Log } from '../log.ts';
import type { Lineage } from './lease-view.ts';

export class KeeperMemory {
  readonly #paths: Pick<Paths, 'heldLease' | 'failovers'>;
  readonly #log: Log;
  #held: HeldLease;
  #failovers: Known<readonly Failover[]>;
  #writing: Promise<void> = Promise.resolve();
  /** Stands from a proven death until this data directory may be started again. */
  deathLock: DataDirectoryLock | null = null;
  /** To whom a person had this node hand over: joining it as a standby was part of what was asked for. */
  plannedHolder: NodeName | null = null;

  private constructor(
    paths: Pick<Paths, 'heldLease' | 'failovers'>,
    log: Log,
    held: HeldLease,
    failovers: Known<readonly Failover[]>,
  ) {
    this.#paths = paths;
    this.#log = log;
    this.#held = held;
    this.#failovers = failovers;
  }

  /** Reads both files. What cannot be read counts as nothing held, and forbids failovers by F2. */
  static async load(paths: Pick<Paths, 'heldLease' | 'failovers'>, log: Log): Promise<KeeperMemory> {
    let held = NONE_HELD;
    try {
      held = await readHeldLease(paths.heldLease);
    } catch (error) {
      log.error({ error: errorText(error) }, 'cannot read which lease was held');
    }
    return new KeeperMemory(paths, log, held, await readFailovers(paths.failovers));
  }

  /** The leases after which this node may claim again without the criteria of a failover. */
  get lineage(): Lineage {
    const { uuids, epoch } = this.#held;
    const [held] = uuids;
    return { uuids: new Set(uuids), held: held === undefined || epoch === 0 ? null : { uuid: held, epoch } };
  }

  /** The certificate of whom this node succeeded, until it was promoted; null = it owes nothing. Unknown forbids a promotion. */
  get owed(): Known<DeathCertificate | null> {
    if (this.#held.owed === null) return known(null);
    try {
      return known(parseDeathCertificate(this.#held.owed));
    } catch (error) {
      return unknown(errorText(error));
    }
  }

  failovers(): Known<readonly Failover[]> {
    return this.#failovers;
  }

  /**
   * Before a claim: what a promotion under that lease owes, null = nothing. On disk once this resolves, for a lease may be granted and its
   * claimant be killed before it knows, and a server that lacks the end of the last primary's WAL must not be promoted by its next agent.
   * Throws `refused` where it is not on disk: then nothing may be claimed.
   */
  async owe(owed: unknown): Promise<void> {
    if (owed === null && this.#held.owed === null) return;
    const isKept = await this.#keepHeld({ ...this.#held, owed });
    if (isKept) return;
    throw new PrimacyError('refused', `cannot claim: ${this.#paths.heldLease} cannot be written`, {
      retryable: true,
    });
  }

  /**
   * A majority granted this lease, in this epoch: to be told of each, also of a higher one of the same lease. Written while the promotion is
   * under way, which does not wait for the disk.
   */
  hold({ uuid, epoch }: LeaseId): void {
    const { uuids, epoch: before } = this.#held;
    if (uuids.length === 1 && uuids[0] === uuid && before === epoch) return;
    void this.#keepHeld({ ...this.#held, uuids: [uuid], epoch });
  }

  /** A claim in vain that continued a lease which this node held. */
  claimedInVain(lease: LeaseId): void {
    if (!this.#held.uuids.includes(lease.uuid))
      void this.#keepHeld({ ...this.#held, uuids: [...this.#held.uuids, lease.uuid] });
  }

  /** Promoted: nothing is owed any more. */
  settle(): void {
    if (this.#held.owed !== null) void this.#keepHeld({ ...this.#held, owed: null });
  }

  recordFailover(at: EpochMillis, epoch: number, way: string): void {
    this.#keepFailovers((all) => [...all, { at, epoch, way, rejoined: false }]);
  }

  /** A standby follows: every failover until now was made good. */
  markRejoined(): void {
    if (this.#failovers.kind === 'unknown' || this.#failovers.value.every((it) => it.rejoined)) return;
    this.#keepFailovers((all) => all.map((it) => ({ ...it, rejoined: true })));
  }

  /** Gives the data directory back. */
  async releaseDeathLock(): Promise<void> {
    const lock = this.deathLock;
    this.deathLock = null;
    await lock?.release();
  }

  /** Until everything is on disk. */
  written(): Promise<void> {
    return this.#writing;
  }

  /** True once it is on disk. */
  #keepHeld(held: HeldLease): Promise<boolean> {
    this.#held = held;
    return this.#write(() => writeHeldLease(this.#paths.heldLease, held));
  }

  #keepFailovers(change: (all: readonly Failover[]) => readonly Failover[]): void {
    const failovers = change(this.#failovers.kind === 'known' ? this.#failovers.value : []);
    this.#failovers = { kind: 'known', value: failovers };
    void this.#write(() => writeFailovers(this.#paths.failovers, failovers));
  }

  #write(write: () => Promise<void>): Promise<boolean> {
    const written = this.#writing.then(write).then(
      () => true,
      (error: unknown) => {
        this.#log.error({ error: errorText(error) }, 'cannot keep what must be remembered');
        return false;
      },
    );
    this.#writing = written.then(() => undefined);
    return written;
  }
}
