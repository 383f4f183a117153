/** The duties of a node that is entitled to be primary: serve, or see to it at once that somebody does. */
import type { NodeName } from '../model/names.ts';
import { describeObstacles, obstacleAmong, type FailoverDecision } from './criterion.ts';
import { isUnguarded, primaryElsewhere, type Duty, type DutySnapshot, type StepDownCause } from './duty.ts';
import { STOPPED } from './stop-markers.ts';

/** `successor`: the best standby that is ready now; null = none. */
export function decideDutyOfHolder(snapshot: DutySnapshot, successor: NodeName | null): Duty {
  const { now, server, limits, marker } = snapshot;
  const stepDown = (cause: StepDownCause, reason: string): Duty => ({
    kind: 'step-down',
    cause,
    successor,
    reason: successor === null ? `${reason}; no successor is ready` : reason,
  });
  const standing = now - server.since;
  const foreign = marker.kind === 'known' ? (marker.value?.reason ?? null) : null;
  const fencedByOthers = foreign !== null && foreign !== 'lease-lost';
  if (isPlannedDown(snapshot))
    return { kind: 'wait', reason: 'a person stops or has stopped PostgreSQL; nobody is asked to take over' };
  if (snapshot.lease.pause !== null) return decideWhilePaused(snapshot, snapshot.lease.pause, fencedByOthers);
  switch (server.state) {
    case 'writable':
      return decideWhileWritable(snapshot, successor, stepDown);
    case 'orphans':
      return stepDown('dead', 'the postmaster is gone and its processes are not');
    case 'none':
      if (fencedByOthers && successor === null)
        return {
          kind: 'wait',
          reason: `PostgreSQL is down, the fence marker stands: ${foreign}; no successor is ready`,
        };
      if (server.endedCleanly && standing < limits.handOverMs)
        return { kind: 'wait', reason: 'PostgreSQL was shut down in order, it may be started again' };
      return stepDown('dead', 'no process of PostgreSQL is left');
    case 'recovery':
      if (fencedByOthers) return { kind: 'wait', reason: `the fence marker stands: ${foreign}` };
      if (isUnguarded(snapshot)) return { kind: 'wait', reason: 'the fuse does not run' };
      if (!server.answersInRecovery)
        return waitForIt(snapshot, successor, stepDown, 'PostgreSQL is in recovery and does not answer yet');
      return decideInRecovery(snapshot, successor, stepDown);
    case 'between':
      return waitForIt(snapshot, successor, stepDown, 'PostgreSQL is starting or stopping');
    case 'unknown':
      return { kind: 'wait', reason: 'the processes of PostgreSQL cannot be seen' };
  }
}

/** `primacy stop` is at work, or was: a planned stop hands over to nobody unless it is asked to. */
function isPlannedDown({ server, marker, busy }: DutySnapshot): boolean {
  if (server.state === 'writable' || server.state === 'orphans' || server.state === 'unknown') return false;
  const stopped = marker.kind === 'known' && marker.value?.reason === STOPPED;
  return busy === 'stop' || (stopped && server.state !== 'recovery');
}

/** Hands off: nothing is handed over, ended or started. Only a server that somebody has started becomes primary again. */
function decideWhilePaused(snapshot: DutySnapshot, pause: string, fencedByOthers: boolean): Duty {
  const { server, failover } = snapshot;
  if (server.state === 'writable') return { kind: 'hold', reason: pause };
  const wait = (what: string): Duty => ({ kind: 'wait', reason: `${what}; ${pause}` });
  if (server.state !== 'recovery') return wait('PostgreSQL is not there, and is left to people');
  if (fencedByOthers) return wait('a fence marker stands');
  if (isUnguarded(snapshot)) return wait('the fuse does not run');
  if (!server.answersInRecovery) return wait('PostgreSQL is in recovery and does not answer yet');
  const decision = failover['holder-in-recovery'];
  if (decision?.promote !== true)
    return wait(`PostgreSQL is in recovery, but ${describeObstacles(decision)}`);
  return { kind: 'promote-here', reason: `the server of the holder was restarted; ${pause}` };
}

function decideInRecovery(snapshot: DutySnapshot, successor: NodeName | null, stepDown: StepDown): Duty {
  const decision = snapshot.failover['holder-in-recovery'];
  if (snapshot.lease.forced) return decideByForce(snapshot, decision);
  if (decision?.promote === true)
    return {
      kind: 'promote-here',
      reason: 'the server of the holder is in recovery and has replayed its WAL',
    };
  return waitForIt(
    snapshot,
    successor,
    stepDown,
    `PostgreSQL is in recovery, but ${describeObstacles(decision)}`,
  );
}

/** A person overruled the voters and the criteria. Only what would spoil somebody's work, or make a second primary, still binds. */
function decideByForce(snapshot: DutySnapshot, decision: FailoverDecision | undefined): Duty {
  const primary = primaryElsewhere(snapshot);
  const obstacle =
    primary === null
      ? obstacleAmong(['not_paused', 'same_system', 'no_other_primary'], decision)
      : `${primary} is primary`;
  return obstacle === null
    ? { kind: 'promote-here', reason: 'a person overruled the voters and the criteria' }
    : { kind: 'wait', reason: `a person overruled the voters, but ${obstacle}` };
}

type StepDown = (cause: StepDownCause, reason: string) => Duty;

function decideWhileWritable(snapshot: DutySnapshot, successor: NodeName | null, stepDown: StepDown): Duty {
  const { now, server, vipMissingSince, limits, kernelLease } = snapshot;
  const longer = (since: number | null, limit: number): boolean => since !== null && now - since >= limit;
  if (longer(server.silentSince, limits.postgresSilenceMs))
    return stepDown('silent', `PostgreSQL gave no sign of life for ${seconds(limits.postgresSilenceMs)} s`);
  if (longer(server.cannotWriteSince, limits.cannotWriteMs)) {
    const reason = `two different writes have failed for ${seconds(limits.cannotWriteMs)} s`;
    if (successor !== null) return stepDown('cannot-write', reason);
    return { kind: 'hold', reason: `${reason}; no successor is ready, reading goes on` };
  }
  if (longer(vipMissingSince, limits.vipMissingMs)) {
    const reason = `keepalived has not brought the VIP here for ${seconds(limits.vipMissingMs)} s`;
    if (successor !== null) return stepDown('no-vip', reason);
    return { kind: 'hold', reason: `${reason}; no successor is ready` };
  }
  if (isUnguarded(snapshot)) {
    const reason = `the fuse has not run for ${seconds(limits.guardGraceMs)} s`;
    // Without the fuse the kernel still ends client traffic with the lease; without both, nothing would if this agent stopped.
    if (successor === null && kernelLease)
      return { kind: 'hold', reason: `${reason}; no successor is ready, the kernel lease fences` };
    return stepDown('guards-missing', reason);
  }
  return { kind: 'hold', reason: 'entitled and writable' };
}

/** A restart is quick; what takes longer is given to a successor where one is ready, and awaited where none is. */
function waitForIt(
  { now, server, lease, limits }: DutySnapshot,
  successor: NodeName | null,
  stepDown: StepDown,
  what: string,
): Duty {
  // A server that was in recovery long before this node got the lease is no slower for it.
  const since = Math.max(server.since, lease.entitledSince ?? 0);
  if (successor !== null && now - since >= limits.handOverMs)
    return stepDown('not-back', `${what} after ${seconds(limits.handOverMs)} s`);
  return { kind: 'wait', reason: what };
}

function seconds(milliseconds: number): string {
  return String(milliseconds / 1000);
}
