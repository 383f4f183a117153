/** The evidence of a failover in the fake world: as good as it can be, because more promotions are the harder test of the lease. */
import { rivalsAmong } from '../../src/core/guard/choose-successor.ts';
import type { Way } from '../../src/core/guard/criterion.ts';
import type { DutyLease } from '../../src/core/guard/duty.ts';
import type { FailoverSnapshot, LastPrimary, Reach } from '../../src/core/guard/failover-snapshot.ts';
import type { GapEvidence } from '../../src/core/guard/judge-synchronous.ts';
import { known, mapKnown, unknown, type Known } from '../../src/core/model/known.ts';
import { parseLsn, type Lsn } from '../../src/core/model/lsn.ts';
import type { NodeName } from '../../src/core/model/names.ts';
import { ASYNCHRONOUS } from '../../src/core/model/synchronous-word.ts';
import type { Role } from '../../src/core/model/role.ts';
import { othersOf, votersSeen } from '../../src/node/keeper/lease-view.ts';
import { unheardFor } from '../../src/node/keeper/unheard-primary.ts';
import type { Agent } from './agent.ts';
import type { Host } from './host.ts';
import { FRESH_MS } from './lease-of.ts';
import { SYSTEM, type Certificate } from './server.ts';

const LOSS_BYTES = 16_777_216;

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

/** The giver of the lease, or whoever was primary last by the keeper's own rule. */
export function lastPrimary(agent: Agent, giver: NodeName | null, lease: DutyLease): Known<LastPrimary> {
  const { host, machine, hearsay, clock } = agent;
  const former =
    giver ??
    machine.bequest?.lease.holder ??
    hearsay.former(host.name, lease.newest?.lease.holder ?? null, clock);
  return former === null
    ? unknown('no primary was seen since this agent was started')
    : hearsay.of(former, clock);
}

function workOn(host: Host, way: Way, { pause }: DutyLease): string | null {
  if (host.fitness.has('work')) return 'a person is at work on it';
  return way === 'holder-in-recovery' ? null : pause;
}

/** As the giver's proof has it, which is newer than any word of it. */
function certified({ machine }: Agent, last: Known<LastPrimary>): Known<LastPrimary> {
  if (machine.bequest === null) return last;
  const { node, timeline, history, bytes, synchronous } = machine.bequest.proof as Certificate;
  return mapKnown(last, (it) => ({
    ...it,
    node,
    timeline: known(timeline),
    historyHash: known(history),
    lsn: known(BigInt(bytes) as Lsn),
    synchronous: known(synchronous),
  }));
}

/** Where this node holds the lease, it was the last primary itself. */
export function ownLast({ server, self }: FailoverSnapshot): Known<LastPrimary> {
  const { systemIdentifier, timeline, historyHash, heartbeat, receiveLsn: lsn } = server;
  const own = { systemIdentifier, timeline, historyHash, heartbeat, lsn };
  return known({ node: self, ageMs: 0, ...own, synchronous: known(ASYNCHRONOUS) });
}

/** TCP and SQL at another host's own address: a standby there is no primary that lives. */
function reach({ host, world }: Agent, other: Host): Reach {
  if (!other.runs || !world.network.connects(host.name, other.name)) return 'silent';
  return other.server.state === 'writable' ? 'answers' : 'refused';
}

export function failoverSnapshot(agent: Agent, way: Way, lease: DutyLease): FailoverSnapshot {
  const { host, world, machine, clock } = agent;
  const { server } = host;
  const { now } = world;
  const { service } = agent;
  const giver = way === 'certain-death' ? (machine.bequest?.lease.holder ?? null) : null;
  const last = lastPrimary(agent, giver, lease);
  const primary =
    last.kind === 'known' && last.value.node !== host.name ? world.hostNamed(last.value.node) : null;
  const reached: Known<Reach> =
    primary === null ? unknown('no primary was seen') : known(reach(agent, primary));
  const others = othersOf(service);
  const heard = others.filter((it) => clock - it.heardAt <= FRESH_MS);
  const witnessHeard = heard.some(({ node }) => world.hostNamed(node).kind === 'witness');
  const bytes = server.walBytes(now);
  return {
    self: host.name,
    priority: host.priority,
    giver,
    work: known(workOn(host, way, lease)),
    failoverAgesMs: known(host.failovers.map((at) => now - at)),
    server: {
      role: roleOf(host),
      roleReason: server.state,
      replayPaused: known(host.fitness.has('replay-paused')),
      applyDelayMs: known(0),
      freeDiskBytes: known(1e12),
      systemIdentifier: known(server.system),
      timeline: known(server.timeline),
      historyHash: known(server.history),
      receiving: known(server.streamsFrom !== null),
      receiveLsn: known(BigInt(bytes) as Lsn),
      heartbeat: known(bytes / 100_000),
      heartbeatUnchangedMs: known(0),
      dataEpoch: server.dataEpoch,
      streamsAs: known(host.name),
      cannotServe: known(host.fitness.has('cannot-serve') ? 'max_connections is too low' : null),
    },
    configuredSystemIdentifier: SYSTEM,
    lastPrimary: giver === null ? last : certified(agent, last),
    unheardMs: unheardFor(last, service, {
      self: host.name,
      voters: agent.configuration.voters,
      now: clock,
      freshMs: FRESH_MS,
    }),
    primarySql: reached,
    primaryHost: reached,
    gatewayAnswers: known(!host.fitness.has('no-gateway')),
    witness:
      world.witnesses.length === 0
        ? null
        : witnessHeard
          ? known({ seesPrimary: false, primaryAgeMs: null })
          : unknown('no witness was heard'),
    votersSeen: known(votersSeen(service, clock, FRESH_MS)),
    voters: agent.configuration.voters.length,
    databases: world.databases.length,
    grantable: known(lease.mayClaim || machine.bequest !== null),
    otherPrimaries: known(heard.filter((it) => it.report.server?.role === 'primary').map((it) => it.node)),
    rivals: known(rivalsAmong(others, clock, FRESH_MS)),
    vipAnswered: known(
      host.fitness.has('vip-taken') ||
        world.hosts.some(
          (it) => it !== host && it.vip && it.runs && world.network.connects(host.name, it.name),
        ),
    ),
    keepalivedFault: known(host.keepalived === 'runs' ? null : 'keepalived does not run'),
    clockSteady: known(true),
    limits: {
      cooldownMs: 600_000,
      perHour: 2,
      lossHeartbeatSeconds: 10,
      lossBytes: LOSS_BYTES,
      heartbeatStaleMs: 5_000,
      minFreeDiskBytes: 1,
    },
  };
}

/** What of the dead primary's WAL is missing here after the rescue, and who else may have it. */
export function gapOf(
  agent: Agent,
  { node: primary, history, bytes, synchronous }: Certificate,
): GapEvidence {
  const { host, world, clock } = agent;
  const { server, name } = host;
  const own = server.walBytes(world.now);
  const heard = othersOf(agent.service).filter(
    (it) => clock - it.heardAt <= FRESH_MS && it.report.server?.role === 'standby',
  );
  return {
    primary,
    // A promotion that was ended begins a branch all the same: what is here stays here.
    bytes: server.contains({ history, bytes }, world.now)
      ? 0
      : server.history === history
        ? bytes - own
        : null,
    lossBytes: LOSS_BYTES,
    word: known(synchronous),
    self: { node: name, streamsAs: name, lsn: BigInt(own) as Lsn },
    heard: heard.map(({ node, report: { server: it } }) => ({
      node,
      streamsAs: node,
      lsn: it === null || it.lsn === null ? null : parseLsn(it.lsn),
    })),
    standbys: world.databases.length - 1,
  };
}
