/** Keeps the deadline on tmpfs where the lease machine has it: this node counts as entitled only for what every fence can read there. */
import type { LeaseId } from '../../core/lease/lease.ts';
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

  /** Writes where the deadline grew. A failure is logged once; the deadline in the file then runs out by itself. */
  extend(untilMs: number, lease: LeaseId): void {
    const deadlineCs = Math.floor(untilMs / 10);
    const written = this.#written;
    if (written !== null && written.lease.uuid === lease.uuid && deadlineCs * 10 <= written.untilMs) return;
    if (this.#write(deadlineCs, lease.epoch)) this.#written = { untilMs: deadlineCs * 10, lease };
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
