/** The timings of one simulated cluster: always as tight as the inequality allows, so that nothing but its terms keeps it safe. */
import type { LeaseConfig } from '../../src/core/lease/lease.ts';
import type { LeaseTerms } from '../../src/core/lease/inequality.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import type { Random } from './random.ts';
import type { Subject } from './subject.ts';

/** Milliseconds. */
export interface Timings {
  readonly renewMs: number;
  readonly leaseMs: number;
  readonly driftPercent: number;
  readonly deadManMs: number;
  readonly killMs: number;
  readonly marginMs: number;
}

export interface Terms extends Timings {
  /** The shortest promotion wait that the inequality accepts. */
  readonly waitMs: number;
}

/** Draws the timings of a seed, and a second set of them that its configuration may be changed to. */
export function drawTerms(random: Random): readonly Timings[] {
  const driftPercent = random.pick([1, 1, 2, 5, 10, 20]);
  const deadManMs = random.pick([200, 200, 400, 1200]);
  const marginMs = random.pick([400, 400, 150]);
  const killMs = random.pick([400, 400, 200]);
  const base = { driftPercent, deadManMs, marginMs, killMs };
  return [
    { ...base, renewMs: 250, leaseMs: random.pick([1600, 1600, 800]) },
    { ...base, renewMs: random.pick([250, 500]), leaseMs: random.pick([1600, 2400, 3200]) },
  ];
}

/** With the promotion wait that goes with them. */
export function withWait(subject: Subject, timings: Timings): Terms {
  const accepts = (waitMs: number): boolean => {
    const asConfigured: LeaseTerms = {
      leaseSeconds: timings.leaseMs / 1000,
      clockDriftPercent: timings.driftPercent,
      deadManSeconds: timings.deadManMs / 1000,
      killSeconds: timings.killMs / 1000,
      marginSeconds: timings.marginMs / 1000,
      promotionWaitSeconds: waitMs / 1000,
    };
    return subject.checkInequality(asConfigured).holds;
  };
  let [low, high] = [0, 60_000];
  while (high - low > 0.01) {
    const middle = (low + high) / 2;
    if (accepts(middle)) high = middle;
    else low = middle;
  }
  return { ...timings, waitMs: Math.ceil(high * 10) / 10 };
}

/** What one agent is configured with. */
export interface Configuration {
  readonly voters: readonly NodeName[];
  readonly terms: Terms;
}

/** As the lease machine of `self` takes it. */
export function leaseConfig(self: NodeName, { voters, terms }: Configuration): LeaseConfig {
  const { renewMs, leaseMs, waitMs, driftPercent: clockDriftPercent } = terms;
  const digest = `${voters.join()} ${renewMs} ${leaseMs} ${waitMs}`;
  return { self, voters, digest, renewMs, leaseMs, waitMs, clockDriftPercent };
}
