/** The duties of a node that is not entitled and not writable: follow, join, start, or take the place of a holder that is gone. */
import type { NodeName } from '../model/names.ts';
import { describeObstacles, obstacleAmong } from './criterion.ts';
import { isUnguarded, type Duty, type DutySnapshot } from './duty.ts';

/** To be asked only where neither marker nor other work forbids it. */
export function decideDutyOfStandby(snapshot: DutySnapshot): Duty {
  const { self, server, lease } = snapshot;
  if (server.state === 'unknown')
    return { kind: 'wait', reason: 'the processes of PostgreSQL cannot be seen' };
  if (server.state === 'orphans') return { kind: 'wait', reason: 'processes of PostgreSQL are just ending' };
  if (server.state === 'between') return { kind: 'wait', reason: 'PostgreSQL is starting or stopping' };
  if (lease.bequest !== null) return decideOnBequest(snapshot, lease.bequest.lease.holder);
  // The last holder itself was the one to pause, and has come back: its new lease ends that.
  if (lease.pause !== null && lease.newest?.lease.holder !== self)
    return { kind: 'wait', reason: `left to people; ${lease.pause}` };
  const holder = liveHolder(snapshot);
  if (holder !== null && holder !== self) return decideBesideHolder(snapshot, holder);
  const heir = awaitedHeir(snapshot);
  if (heir !== null) return { kind: 'wait', reason: `${heir} was given the lease` };
  if (server.state === 'none')
    return { kind: 'start', reason: 'PostgreSQL is down and nobody is known to be primary' };
  return decideWithoutHolder(snapshot);
}

/** Only a standby that runs can be promoted; one that is down comes up first. */
function decideOnBequest({ server, failover }: DutySnapshot, from: NodeName): Duty {
  if (server.state === 'none')
    return { kind: 'start', reason: `${from} gave its lease to this node, which is down` };
  const decision = failover['certain-death'];
  if (decision?.promote === true)
    return { kind: 'succeed', from, reason: `${from} proved its death and gave its lease to this node` };
  return { kind: 'wait', reason: `${from} gave its lease to this node, but ${describeObstacles(decision)}` };
}

function decideBesideHolder(snapshot: DutySnapshot, holder: NodeName): Duty {
  const { now, server, limits, others } = snapshot;
  const report = others.find((it) => it.node === holder && now - it.heardAt <= limits.freshMs)?.report;
  if (report?.server?.role !== 'primary')
    return { kind: 'wait', reason: `${holder} holds the lease and is not seen to be primary` };
  if (server.state === 'none')
    return { kind: 'join', holder, reason: `PostgreSQL is down and ${holder} is primary` };
  if (server.streamsFrom === holder) return { kind: 'wait', reason: `streams from ${holder}` };
  if (server.pointsTo !== undefined && server.pointsTo !== holder && server.answersInRecovery)
    return { kind: 'follow', holder, reason: `does not ask ${holder} for WAL` };
  const patient = server.notStreamingSince === null || now - server.notStreamingSince < limits.joinPatienceMs;
  if (patient) return { kind: 'wait', reason: `waits for WAL from ${holder}` };
  return { kind: 'join', holder, reason: `gets no WAL from ${holder}` };
}

/** Nobody is heard to hold: this node's own lapsed lease comes before anybody's failover. */
function decideWithoutHolder(snapshot: DutySnapshot): Duty {
  const { self, lease, server, failover } = snapshot;
  const { newest } = lease;
  if (newest === null) return { kind: 'wait', reason: 'no lease is known' };
  if (lease.newestWasHeld && newest.lease.holder === self && newest.transferredTo === null) {
    if (!lease.majoritySeen || !lease.mayClaim)
      return { kind: 'wait', reason: 'the lease ran out, and no majority can be asked for a new one' };
    if (!server.answersInRecovery)
      return { kind: 'wait', reason: 'the server is in recovery and does not answer yet' };
    if (isUnguarded(snapshot)) return { kind: 'wait', reason: 'the fuse does not run' };
    // With the data of another cluster it could neither serve nor give its place away, and would keep it from everybody else.
    const foreign = obstacleAmong(['same_system'], failover.silence);
    if (foreign !== null)
      return { kind: 'wait', reason: `the last lease was this node’s own, but ${foreign}` };
    return { kind: 'reclaim', reason: 'the last lease was this node’s own, and nobody holds another' };
  }
  const decision = failover.silence;
  if (!lease.mayClaim) return { kind: 'wait', reason: `the voters do not grant a new epoch yet` };
  if (decision?.promote === true)
    return { kind: 'take-over', reason: `${newest.lease.holder} fell silent and every criterion passes` };
  return { kind: 'wait', reason: `${newest.lease.holder} fell silent, but ${describeObstacles(decision)}` };
}

/** Who was given the lease so lately that it may be about to claim: until then its giver serves WAL and stays down. */
function awaitedHeir({ self, now, lease, limits }: DutySnapshot): NodeName | null {
  const { newest, holderHeardAt } = lease;
  if (
    newest === null ||
    newest.transferredTo === null ||
    newest.transferredTo === self ||
    holderHeardAt === null
  )
    return null;
  return now - holderHeardAt < limits.promotionWaitMs ? newest.transferredTo : null;
}

/** Whom the voters still count as holder: heard within the promotion wait, and the lease not given away. */
export function liveHolder({ now, lease, limits }: DutySnapshot): NodeName | null {
  const { newest, holderHeardAt } = lease;
  if (newest === null || newest.transferredTo !== null || holderHeardAt === null) return null;
  return now - holderHeardAt < limits.promotionWaitMs ? newest.lease.holder : null;
}
