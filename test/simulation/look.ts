/** What the agent of a simulated host knows: the real keeper's snapshot and report, built from the fake world. */
import type { FailoverDecision, Way } from '../../src/core/guard/criterion.ts';
import { debtOf } from '../../src/core/guard/debt.ts';
import type { DutyLease, DutySnapshot } from '../../src/core/guard/duty.ts';
import { known } from '../../src/core/model/known.ts';
import { formatLsn, type Lsn } from '../../src/core/model/lsn.ts';
import type { NodeReport, ServerReport } from '../../src/core/model/node-report.ts';
import { othersOf } from '../../src/node/keeper/lease-view.ts';
import type { Agent } from './agent.ts';
import type { FailoverSnapshot } from '../../src/core/guard/failover-snapshot.ts';
import { failoverSnapshot, ownLast, roleOf } from './evidence.ts';
import type { Host } from './host.ts';
import { FRESH_MS } from './lease-of.ts';

function reportServer(host: Host, now: number): ServerReport {
  const bytes = host.server.walBytes(now);
  const lsn = formatLsn(BigInt(bytes) as Lsn);
  return {
    role: roleOf(host),
    systemIdentifier: host.server.system,
    timeline: host.server.timeline,
    historyHash: host.server.history,
    lsn,
    replayLsn: lsn,
    heartbeat: bytes / 100_000,
    dataEpoch: host.server.dataEpoch,
    synchronous: host.server.state === 'writable' ? host.server.synchronous : null,
    streamsAs: host.name,
  };
}

/** What this host's agent tells the others of itself. */
export function report(agent: Agent, lease: DutyLease): NodeReport {
  const { host, world } = agent;
  const { name: node, kind, priority, adopted } = host;
  const common = { node, kind, priority, adopted, holdsVip: host.vip, fenced: false, sights: [] };
  if (kind === 'witness') return { ...common, server: null, readyToSucceed: false };
  const ready = host.server.state === 'recovery' && agent.readiness.at(lease);
  return { ...common, server: reportServer(host, world.now), readyToSucceed: ready };
}

/** The criteria of one way in, as they stand. */
export function judge(
  agent: Agent,
  way: Way,
  lease: DutyLease,
  adapt: (evidence: FailoverSnapshot) => FailoverSnapshot = (it) => it,
): FailoverDecision {
  const { world } = agent;
  const decision = world.subject.decideFailover(adapt(failoverSnapshot(agent, way, lease)), way);
  world.reach.criteria(decision);
  return decision;
}

/** The snapshot of the keeper; ways in are judged only where they might permit something. */
export function dutySnapshot(agent: Agent, lease: DutyLease): DutySnapshot {
  const { host, world, machine, clock, configuration, service } = agent;
  const failover: { -readonly [W in Way]?: DutySnapshot['failover'][W] } = {};
  if (lease.entitledUntil === null && host.server.state === 'recovery') {
    if (lease.mayClaim) failover.silence = judge(agent, 'silence', lease);
    if (machine.bequest !== null) failover['certain-death'] = judge(agent, 'certain-death', lease);
  }
  if (lease.entitledUntil !== null && host.server.state === 'recovery')
    failover['holder-in-recovery'] = judge(agent, 'holder-in-recovery', lease, (it) => ({
      ...it,
      lastPrimary: ownLast(it),
    }));
  return {
    self: host.name,
    now: clock,
    adopted: known(host.adopted),
    adoptedSince: null,
    marker: known(null),
    busy: agent.action === null || agent.action === 'fence' ? null : agent.action,
    lease,
    debt: debtOf(known(host.owed), {
      timeline: host.server.timeline,
      lsn: BigInt(host.server.walBytes(world.now)) as Lsn,
    }),
    server: host.server.look((at) => host.clock(at)),
    vipHere: known(host.vip),
    // Its keepalived always brings the VIP where the gate is open.
    vipMissingSince: null,
    guardsMissingSince: host.fuseMissingSince === null ? null : host.clock(host.fuseMissingSince),
    kernelLease: world.kernelLease,
    others: othersOf(service),
    failover,
    limits: {
      handOverMs: 1_000,
      postgresSilenceMs: 4_000,
      cannotWriteMs: 5_000,
      vipMissingMs: 5_000,
      adoptionGraceMs: 12_000,
      guardGraceMs: 1_000,
      joinPatienceMs: 3_000,
      freshMs: FRESH_MS,
      promotionWaitMs: configuration.terms.waitMs,
    },
  };
}

/** What must be answered at once when it changes, as one number; the rest is looked at five times a second. */
export function urgencyOf({ host, machine, clock, action, configuration }: Agent): number {
  const { server } = host;
  const entitled = machine.entitledUntil(clock) !== null;
  const mayClaim =
    !entitled &&
    server.answersInRecovery &&
    server.streamsFrom === null &&
    machine.mayClaim(clock, 4 * configuration.terms.renewMs);
  const flags =
    (server.answersInRecovery ? 16 : 0) +
    (action === null ? 8 : 0) +
    (entitled ? 4 : 0) +
    (mayClaim ? 2 : 0) +
    (machine.bequest === null ? 0 : 1);
  return server.generation * 32 + flags;
}

/** All is as it should be: the next look would only say so again. */
export function isCalm({ host, machine, clock, action, duty }: Agent): boolean {
  const { server } = host;
  if (duty === null || action !== null || host.fuseMissingSince !== null || server.stopped) return false;
  if (duty.kind === 'hold')
    return (
      server.state === 'writable' && server.cannotWriteSince === null && machine.entitledUntil(clock) !== null
    );
  return duty.kind === 'wait' && server.streamsFrom !== null && machine.bequest === null;
}

/** Nothing depends on how quickly this node looks: it only votes, only follows, or only serves; of a change it is told. */
export function isResting(agent: Agent): boolean {
  const { host, machine } = agent;
  if (host.kind === 'witness') return machine.holder.kind === 'idle';
  return (machine.holder.kind === 'idle' || machine.holder.kind === 'holding') && isCalm(agent);
}
