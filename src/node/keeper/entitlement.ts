/** What the lease says about this node at this moment, in the words of the gate. */
import type { Entitlement } from '../../core/guard/decide-gate.ts';
import type { Known } from '../../core/model/known.ts';
import { bootMillis } from '../../world/clock.ts';
import type { Adoption } from '../../world/files/adoption.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import { ADOPTION_GRACE_MS } from './limits.ts';

export class LeaseEntitlement {
  readonly #lease: Pick<LeaseService, 'entitledUntil' | 'held'>;
  readonly #adoption: () => {
    readonly adoption: Known<Adoption | null>;
    readonly adoptedSince: number | null;
  };
  #confirmed: string | null = null;

  constructor(
    lease: Pick<LeaseService, 'entitledUntil' | 'held'>,
    adoption: () => { readonly adoption: Known<Adoption | null>; readonly adoptedSince: number | null },
  ) {
    this.#lease = lease;
    this.#adoption = adoption;
  }

  /** Uuid of the lease whose epoch row was seen committed on this server. */
  get confirmed(): string | null {
    return this.#confirmed;
  }

  confirm(uuid: string): void {
    this.#confirmed = uuid;
  }

  /**
   * To be called once, as an agent begins. Where it goes on with the lease of the agent before it, a gate that stands open proves that the
   * epoch row of that lease was written: no gate opens before it, and whoever ends a lease closes it.
   */
  inherit(gateIsOpen: boolean): void {
    const held = this.#lease.held();
    if (gateIsOpen && held !== null) this.#confirmed = held.uuid;
  }

  now(): Entitlement {
    const { adoption, adoptedSince } = this.#adoption();
    if (adoption.kind === 'unknown')
      return { kind: 'none', reason: `cannot tell whether adopted: ${adoption.reason}` };
    if (adoption.value === null) return { kind: 'not-adopted' };
    const at = bootMillis();
    // A primary that is handed over serves on while it gets its first lease.
    const isBeingAdopted = adoptedSince !== null && at - adoptedSince < ADOPTION_GRACE_MS;
    if (isBeingAdopted && this.#confirmed === null) return { kind: 'not-adopted' };
    const until = this.#lease.entitledUntil();
    if (until === null || until <= at) return { kind: 'none', reason: 'this node does not hold the lease' };
    return { kind: 'entitled', epochWritten: this.#lease.held()?.uuid === this.#confirmed };
  }
}
