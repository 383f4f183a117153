/** The sum on which everything rests: a holder has stopped writing before any voter helps another one. */

/** Seconds. */
export interface LeaseTerms {
  readonly leaseSeconds: number;
  /** How much faster one clock may run than another, in percent. */
  readonly clockDriftPercent: number;
  /** Interval and time-out of what fences when the agent does not. */
  readonly deadManSeconds: number;
  readonly killSeconds: number;
  readonly marginSeconds: number;
  readonly promotionWaitSeconds: number;
}

export interface Inequality {
  readonly holds: boolean;
  /** The sum written out, for people. */
  readonly text: string;
}

/** lease × (1 + drift) + dead-man + kill + margin <= promotion wait (system.md section 3). */
export function checkInequality(terms: LeaseTerms): Inequality {
  const { leaseSeconds, clockDriftPercent, deadManSeconds, killSeconds, marginSeconds } = terms;
  const sum = leaseSeconds * (1 + clockDriftPercent / 100) + deadManSeconds + killSeconds + marginSeconds;
  const holds = sum <= terms.promotionWaitSeconds + 1e-9;
  const text =
    `leaseSeconds ${leaseSeconds} x (1 + clockDriftPercent ${clockDriftPercent}/100)` +
    ` + deadManSeconds ${deadManSeconds} + killSeconds ${killSeconds} + marginSeconds ${marginSeconds}` +
    ` = ${Number(sum.toFixed(3))}, promotionWaitSeconds ${terms.promotionWaitSeconds}`;
  return { holds, text };
}
