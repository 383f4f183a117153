/** The lease of a simulated agent as the real keeper sees it. */
import type { DutyLease } from '../../src/core/guard/duty.ts';
import { viewLease } from '../../src/node/keeper/lease-view.ts';
import type { LeaseService } from '../../src/node/lease/lease-service.ts';
import type { Agent } from './agent.ts';

/** What others said longer ago counts for nothing. Milliseconds. */
export const FRESH_MS = 1_500;

type LeaseView = Pick<
  LeaseService,
  'peers' | 'ownView' | 'entitledUntil' | 'held' | 'pauseNow' | 'bequest' | 'mayClaim'
>;

/** The lease of an agent as the keeper's own views want it: always as it stands when it is asked. */
export function serviceOf(agent: Agent): LeaseService {
  const it: LeaseView = {
    peers: () => agent.machine.peers,
    ownView: () => agent.machine.ownView(agent.clock),
    entitledUntil: () => agent.machine.entitledUntil(agent.clock),
    held: () => {
      const { holder } = agent.machine;
      return holder.kind === 'holding' ? holder.lease : null;
    },
    pauseNow: () => {
      const { holder } = agent.machine;
      const pause = holder.kind === 'holding' ? holder.pause : null;
      if (pause === null || pause.untilMs === null) return null;
      const { untilMs, words, countedUntilMs } = pause;
      return { untilMs, words, counts: countedUntilMs === untilMs };
    },
    bequest: () => agent.machine.bequest,
    mayClaim: () => agent.machine.mayClaim(agent.clock, 4 * agent.configuration.terms.renewMs),
  };
  return it as LeaseService;
}

/** One look at it. */
export function viewOf({ host, clock, configuration, service, voting }: Agent): DutyLease {
  const among = { self: host.name, voters: configuration.voters };
  return viewLease(service, among, clock, FRESH_MS, host.lineage, voting.entitledSince);
}
