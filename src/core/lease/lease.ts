/** What a lease is: the exclusive right of one node to be primary, granted by a majority of all configured voters, for a limited time. */
import type { NodeName } from '../model/names.ts';

/** Names one lease for ever: two leases with the same epoch number still differ in their uuid. */
export interface LeaseId {
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
}

export function sameLease(a: LeaseId | null, b: LeaseId | null): boolean {
  return a !== null && b !== null && a.epoch === b.epoch && a.uuid === b.uuid && a.holder === b.holder;
}

/** More than half of all configured voters. */
export function majorityOf(voters: readonly NodeName[]): number {
  return Math.floor(voters.length / 2) + 1;
}

/**
 * Until when a lease is valid: the moment at which the acknowledged requests of a majority were *sent*, plus the lease's length.
 * Null where no majority ever acknowledged. Counting from sending makes the holder's clock run ahead of every voter's.
 */
export function validUntil(
  config: LeaseConfig,
  acknowledged: ReadonlyMap<NodeName, number>,
): number | null {
  const sent = config.voters
    .flatMap((voter) => acknowledged.get(voter) ?? [])
    .toSorted((a, b) => b - a);
  const decisive = sent[majorityOf(config.voters) - 1];
  return decisive === undefined ? null : decisive + config.leaseMs;
}
