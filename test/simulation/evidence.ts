/** The evidence of a failover in the fake world: as good as it can be, because more promotions are the harder test of the lease. */
import type { Way } from '../../src/core/guard/criterion.ts';
import type { DutyLease } from '../../src/core/guard/duty.ts';
import type { FailoverSnapshot, LastPrimary, Reach } from '../../src/core/guard/failover-snapshot.ts';
import { known, unknown, type Known } from '../../src/core/model/known.ts';
import { parseLsn, type Lsn } from '../../src/core/model/lsn.ts';
import type { NodeName, SystemIdentifier } from '../../src/core/model/names.ts';
import { ASYNCHRONOUS } from '../../src/core/model/synchronous-word.ts';
import type { Role } from '../../src/core/model/role.ts';
import { othersOf, unheardFor, viewLease, votersSeen } from '../../src/node/keeper/lease-view.ts';
import type { LeaseService } from '../../src/node/lease/lease-service.ts';
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';

export const SYSTEM: SystemIdentifier = '7000000000000000001' as SystemIdentifier;
export const FRESH_MS = 1_500;
const UNKNOWN_BY_NOW = unknown('not looked at in this world');

type LeaseView = Pick<
  LeaseService,
  'peers' | 'ownView' | 'entitledUntil' | 'held' | 'pauseNow' | 'bequest' | 'mayClaim'
>;

/** The lease as the keeper's own views want it. */
export function leaseOf({ machine, clock, configuration }: Agent): LeaseService {
  const it: LeaseView = {
    peers: () => machine.peers,
    ownView: () => machine.ownView(clock),
    entitledUntil: () => machine.entitledUntil(clock),
    held: () => (machine.holder.kind === 'holding' ? machine.holder.lease : null),
    pauseNow: () => {
      const pause = machine.holder.kind === 'holding' ? machine.holder.pause : null;
      if (pause === null || pause.untilMs === null) return null;
      const { untilMs, words, countedUntilMs } = pause;
      return { untilMs, words, counts: countedUntilMs === untilMs };
    },
    bequest: () => machine.bequest,
    mayClaim: () => machine.mayClaim(clock, 4 * configuration.terms.renewMs),
  };
  return it as LeaseService;
}

export function viewOf(agent: Agent): DutyLease {
  const { host, clock, configuration, entitledSince } = agent;
  return viewLease(leaseOf(agent), configuration.voters, clock, FRESH_MS, host.lineage, entitledSince);
}

export function roleOf(host: Host): Role {
  switch (host.server.state) {
    case 'writable':
      return host.server.stopped ? 'unknown' : 'primary';
    case 'recovery':
      return host.server.answersInRecovery && !host.server.stopped ? 'standby' : 'starting';
    case 'none':
      return 'down';
    default:
      return 'unknown';
  }
}

/** The giver of the lease, or the newest lease's holder; where that is this node or nobody, whoever was last seen as a primary. */
function lastPrimary(agent: Agent, giver: NodeName | null, lease: DutyLease): Known<LastPrimary> {
  const { host, machine } = agent;
  const holder = giver ?? machine.bequest?.lease.holder ?? lease.newest?.lease.holder ?? host.name;
  const [anybody] = host.lastPrimaries.values();
  const seen = holder === host.name ? anybody : host.lastPrimaries.get(holder);
  if (seen === undefined) return unknown('no primary was seen since this agent was started');
  const { server, node } = seen.report;
  if (server === null) return UNKNOWN_BY_NOW;
  const orUnknown = <T>(it: T | null): Known<T> => (it === null ? UNKNOWN_BY_NOW : known(it));
  return known({
    node,
    ageMs: agent.clock - seen.at,
    systemIdentifier: orUnknown<string>(server.systemIdentifier),
    timeline: orUnknown(server.timeline),
    historyHash: orUnknown(server.historyHash),
    lsn: server.lsn === null ? UNKNOWN_BY_NOW : known(parseLsn(server.lsn)),
    heartbeat: orUnknown(server.heartbeat),
    synchronous: known(server.synchronous ?? ASYNCHRONOUS),
  });
}

/** Where this node holds the lease, it was the last primary itself. */
export function ownLast({ server, self }: FailoverSnapshot): Known<LastPrimary> {
  const { systemIdentifier, timeline, historyHash, heartbeat, receiveLsn: lsn } = server;
  const own = { systemIdentifier, timeline, historyHash, heartbeat, lsn };
  return known({ node: self, ageMs: 0, ...own, synchronous: known(ASYNCHRONOUS) });
}

/** TCP and SQL at another host's own address: a standby there is no primary that lives. */
function reach({ host, world }: Agent, other: Host): Reach {
  if (!other.powered || !world.network.connects(host.name, other.name)) return 'silent';
  return other.server.state === 'writable' ? 'answers' : 'refused';
}

export function failoverSnapshot(agent: Agent, way: Way, lease: DutyLease): FailoverSnapshot {
  const { host, world, machine, clock } = agent;
  const { server } = host;
  const { now } = world;
  const service = leaseOf(agent);
  const giver = way === 'certain-death' ? (machine.bequest?.lease.holder ?? null) : null;
  const last = lastPrimary(agent, giver, lease);
  const primary =
    last.kind === 'known' && last.value.node !== host.name ? world.hostNamed(last.value.node) : null;
  const reached: Known<Reach> =
    primary === null ? unknown('no primary was seen') : known(reach(agent, primary));
  const others = othersOf(service).filter((it) => clock - it.heardAt <= FRESH_MS);
  const witness = world.hosts.find((it) => it.kind === 'witness');
  const witnessHeard = others.some((it) => it.node === witness?.name);
  const bytes = server.walBytes(now);
  return {
    self: host.name,
    priority: host.priority,
    giver,
    work: known(way === 'holder-in-recovery' ? null : lease.pause),
    failoverAgesMs: known(host.failovers.map((at) => now - at)),
    server: {
      role: roleOf(host),
      roleReason: server.state,
      replayPaused: known(false),
      applyDelayMs: known(0),
      freeDiskBytes: known(1e12),
      systemIdentifier: known(SYSTEM),
      timeline: known(server.timeline),
      historyHash: known(server.history),
      receiving: known(server.streamsFrom !== null),
      receiveLsn: known(BigInt(bytes) as Lsn),
      heartbeat: known(bytes / 100_000),
      heartbeatUnchangedMs: known(0),
      streamsAs: known(host.name),
      cannotServe: known(null),
    },
    configuredSystemIdentifier: SYSTEM,
    lastPrimary: last,
    unheardMs: unheardFor(last, { now: clock, lease, others: othersOf(service) }),
    primarySql: reached,
    primaryHost: reached,
    gatewayAnswers: null,
    witness:
      witness === undefined
        ? null
        : witnessHeard
          ? known({ seesPrimary: false, primaryAgeMs: null })
          : unknown('the witness was not heard'),
    votersSeen: known(votersSeen(service, clock, FRESH_MS)),
    voters: agent.configuration.voters.length,
    databases: world.hosts.filter((it) => it.kind === 'database').length,
    grantable: known(lease.mayClaim || machine.bequest !== null),
    otherPrimaries: known(others.filter((it) => it.report.server?.role === 'primary').map((it) => it.node)),
    rivals: known(
      others
        .filter((it) => it.report.server?.role === 'standby')
        .map((it) => ({ node: it.node, priority: it.report.priority, server: it.report.server })),
    ),
    vipAnswered: known(
      world.hosts.some((it) => it !== host && it.vip && world.network.connects(host.name, it.name)),
    ),
    keepalivedFault: known(host.keepalived === 'runs' ? null : 'keepalived does not run'),
    clockSteady: known(true),
    limits: {
      cooldownMs: 600_000,
      perHour: 2,
      lossHeartbeatSeconds: 10,
      lossBytes: 16_777_216,
      heartbeatStaleMs: 5_000,
      minFreeDiskBytes: 1,
    },
  };
}
