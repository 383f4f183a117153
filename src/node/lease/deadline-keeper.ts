/** Keeps the deadline on tmpfs where the lease machine has it: this node counts as entitled only for what every fence can read there. */
import { sameLease, type LeaseId } from '../../core/lease/lease.ts';
import type { NodeName } from '../../core/model/names.ts';
import { errorText } from '../../core/model/primacy-error.ts';
import { writeLeaseFile } from '../../world/files/lease-file.ts';
import type { Log } from '../log.ts';

export class DeadlineKeeper {
  readonly #path: string;
  readonly #node: NodeName;
  readonly #log: Log;
  #written: { readonly untilMs: number; readonly lease: LeaseId } | null;
  #failing = false;

  /** `inherited`: what the file holds already, of an earlier agent whose lease goes on. */
  constructor(
    path: string,
    node: NodeName,
    log: Log,
    inherited: { readonly untilMs: number; readonly lease: LeaseId } | null,
  ) {
    this.#path = path;
    this.#node = node;
    this.#log = log;
    this.#written = inherited;
  }

  /** What the fences read, boot-time milliseconds; null where they read that there is no lease. */
  get untilMs(): number | null {
    return this.#written?.untilMs ?? null;
  }

  /**
   * Writes where the deadline changed: it grows with each renewal, and shrinks where a pause ends. False where the file could not be
   * written, which is logged once; the deadline in it then runs out by itself.
   */
  follow(untilMs: number, lease: LeaseId): boolean {
    const deadlineCs = Math.floor(untilMs / 10);
    const written = this.#written;
    if (written !== null && sameLease(written.lease, lease) && deadlineCs * 10 === written.untilMs)
      return true;
    if (!this.#write(deadlineCs, lease.epoch)) return false;
    this.#written = { untilMs: deadlineCs * 10, lease };
    return true;
  }

  /** Whether it is that lease, in whatever epoch, that the fences read of. */
  isOf(lease: LeaseId): boolean {
    return this.#written?.lease.uuid === lease.uuid;
  }

  /** Tells the fences that there is no lease. False where that could not be written: then the old deadline still stands there. */
  end(epoch: number): boolean {
    if (!this.#write(0, epoch)) return false;
    this.#written = null;
    return true;
  }

  #write(deadlineCs: number, epoch: number): boolean {
    try {
      writeLeaseFile(this.#path, { deadlineCs, epoch, node: this.#node });
      this.#failing = false;
      return true;
    } catch (error) {
      if (!this.#failing) this.#log.error({ error: errorText(error) }, 'cannot write the lease file');
      this.#failing = true;
      return false;
    }
  }
}
