/** What a lease is: the exclusive right of one node to be primary, granted by a majority of all configured voters, for a limited time. */
import type { NodeName } from '../model/names.ts';

/** Names one lease for ever: two leases with the same epoch number still differ in their uuid. */
export interface LeaseId {
  /** Grows with each claim, and where a holder has to go above a claim that was made in vain (raise.ts). */
  readonly epoch: number;
  readonly uuid: string;
  readonly holder: NodeName;
}

/** What voters and holders must agree on. Durations in milliseconds of CLOCK_BOOTTIME. */
export interface LeaseConfig {
  readonly self: NodeName;
  /** All configured voters, self among them: a majority is counted of these, seen or not. */
  readonly voters: readonly NodeName[];
  /** Digest of voters and timings: nodes that disagree about them grant one another nothing new. */
  readonly digest: string;
  readonly renewMs: number;
  readonly leaseMs: number;
  /** How long a voter waits after the last renewal it received before it grants a new epoch to another holder. */
  readonly waitMs: number;
  /** How much faster one clock may run than another, in percent: a pause is stretched by it. */
  readonly clockDriftPercent: number;
}

export function sameLease(a: LeaseId | null, b: LeaseId | null): boolean {
  return a !== null && b !== null && a.epoch === b.epoch && a.uuid === b.uuid && a.holder === b.holder;
}

/** More than half of all configured voters. */
export function majorityOf(voters: readonly NodeName[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/** Voters whose consent a lease needs. */
export interface Quorum {
  readonly voters: readonly NodeName[];
  /** How many must grant a new epoch. */
  readonly toBegin: number;
  /** How many must go on acknowledging it. */
  readonly toContinue: number;
}

/**
 * A majority, for both. With two voters nobody can outvote anybody: both must agree to begin, and none ever grants by waiting
 * (voter.ts), so that a holder goes on alone until its boot or its postmaster ends.
 */
export function quorumOf(voters: readonly NodeName[]): Quorum {
  const majority = majorityOf(voters);
  return { voters, toBegin: majority, toContinue: voters.length === 2 ? 1 : majority };
}

/** The sending moment of the newest requests that `needed` of these voters acknowledged; null where too few ever did. */
function decisiveMoment(
  voters: readonly NodeName[],
  needed: number,
  acknowledged: ReadonlyMap<NodeName, number>,
): number | null {
  let decisive: number | null = null;
  for (const voter of voters) {
    const at = acknowledged.get(voter);
    if (at === undefined || (decisive !== null && at <= decisive)) continue;
    let asNew = 0;
    for (const other of voters) if ((acknowledged.get(other) ?? Number.NEGATIVE_INFINITY) >= at) asNew += 1;
    if (asNew >= needed) decisive = at;
  }
  return decisive;
}

/** Whether every quorum has enough acknowledgements for a new epoch. */
export function mayBegin(quorums: readonly Quorum[], acknowledged: ReadonlyMap<NodeName, number>): boolean {
  return quorums.every((it) => decisiveMoment(it.voters, it.toBegin, acknowledged) !== null);
}

/**
 * Until when a lease is valid: the moment at which the acknowledged requests of every quorum were *sent*, plus the lease's length.
 * Null where a quorum never acknowledged. Counting from sending makes the holder's clock run ahead of every voter's.
 */
export function validUntil(
  leaseMs: number,
  quorums: readonly Quorum[],
  acknowledged: ReadonlyMap<NodeName, number>,
): number | null {
  let decisive = Number.POSITIVE_INFINITY;
  for (const { voters, toContinue } of quorums) {
    const moment = decisiveMoment(voters, toContinue, acknowledged);
    if (moment === null) return null;
    decisive = Math.min(decisive, moment);
  }
  return decisive + leaseMs;
}
