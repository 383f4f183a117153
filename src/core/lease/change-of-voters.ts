/** How a holder counts while the configured set of voters changes: by the old set and by the new one, until both have it in writing. */
import type { NodeName } from '../model/names.ts';
import { quorumOf, type LeaseConfig, type Quorum } from './lease.ts';
import { isLastHolder, type VoterMemory } from './voter.ts';

/** The last holder comes back under another set of voters than it was counted by. */
function isChanging({ self, voters }: LeaseConfig, memory: VoterMemory): boolean {
  return isLastHolder(memory, self) && !sameSet(memory.voters, voters);
}

/** The quorums that this node's lease needs. */
export function quorumsFor(config: LeaseConfig, memory: VoterMemory): readonly Quorum[] {
  const present = quorumOf(config.voters);
  return isChanging(config, memory) ? [present, quorumOf(memory.voters)] : [present];
}

/** The digest that this node's requests carry: while the set changes one that no node has, so that nobody else is granted anything. */
export function digestFor(config: LeaseConfig, memory: VoterMemory): string {
  return isChanging(config, memory) ? `changing ${config.digest}` : config.digest;
}

/**
 * This node's memory after its own vote for itself: a lease that it had not before is counted by the present voters. So is one under an
 * override (`forced`): the person who overruled the old voters took them out, and nobody could ask them any more.
 */
export function rememberVoters(
  config: LeaseConfig,
  before: VoterMemory,
  after: VoterMemory,
  forced: boolean,
): VoterMemory {
  const goesOn = !forced && (after === before || isLastHolder(before, config.self));
  return goesOn || sameSet(after.voters, config.voters) ? after : { ...after, voters: config.voters };
}

function sameSet(a: readonly NodeName[], b: readonly NodeName[]): boolean {
  return a.length === b.length && a.every((it) => b.includes(it));
}
