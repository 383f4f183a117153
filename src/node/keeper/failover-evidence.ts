/** Gathers the snapshot that F1 to F22 are judged from. */
import { readFileSync } from 'node:fs';
import type { Paths } from '../../config/paths.ts';
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import { rivalsAmong } from '../../core/guard/choose-successor.ts';
import type { DutySnapshot, OtherNode } from '../../core/guard/duty.ts';
import type { FailoverSnapshot, LastPrimary, Reach } from '../../core/guard/failover-snapshot.ts';
import { known, mapKnown, unknown, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { Failover } from '../../world/files/failovers.ts';
import { reachOf } from '../peer-look.ts';
import type { PeerProbe } from '../peer-probe.ts';
import type { LastPrimaries } from './last-primary.ts';
import { unheardFor } from './unheard-primary.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import type { OwnServer } from './own-server.ts';
import type { Surroundings } from './surroundings.ts';

export interface EvidenceParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly paths: Paths;
  readonly own: OwnServer;
  readonly surroundings: Surroundings;
  readonly primaries: LastPrimaries;
  readonly probe: Pick<PeerProbe, 'of' | 'sights'>;
  readonly failovers: () => Known<readonly Failover[]>;
  /** What the voters say of the last primary. */
  readonly lease: Pick<LeaseService, 'ownView' | 'peers'>;
}

/** A sight older than this shows no primary of now. */
const SIGHT_MS = 1_500;
/** A look at the primary that ended longer ago says nothing about now: one connect limit and one interval. */
const LOOK_MS = 3_000;
const HEARTBEAT_STALE_INTERVALS = 5;
/** Less than a few segments, and a new primary would stop at once. */
const MIN_FREE_DISK_BYTES = 64 * 1024 * 1024;

/** What the duty's snapshot has already, and how many voters answered. */
export type EvidenceBase = Pick<
  DutySnapshot,
  'now' | 'marker' | 'busy' | 'lease' | 'others' | 'guardsMissingSince' | 'limits'
> & { readonly votersSeen: number };

/** `giver`: who gave its lease to this node; null on silence. */
export function gatherEvidence(
  parts: EvidenceParts,
  base: EvidenceBase,
  giver: NodeName | null,
): FailoverSnapshot {
  const { cluster, node, own, surroundings, probe } = parts;
  const { now, lease, others, limits } = base;
  const self = node.name as NodeName;
  const former = giver ?? formerPrimary(parts, base);
  const isFresh = (it: OtherNode): boolean => now - it.heardAt <= limits.freshMs;
  const heard = others.filter(isFresh);
  const lastPrimary: Known<LastPrimary> =
    former === null
      ? unknown('no other node is known to have been primary')
      : parts.primaries.of(former, now);
  const unguarded = base.guardsMissingSince !== null && now - base.guardsMissingSince >= limits.guardGraceMs;
  return {
    self,
    priority: node.priority,
    giver,
    work: workOn(parts.paths, base),
    failoverAgesMs: mapKnown(parts.failovers(), (all) =>
      all.filter((it) => !it.rejoined).map((it) => Date.now() - it.at),
    ),
    server: own.candidate(
      now,
      surroundings.freeDiskBytes(now),
      known(unguarded ? 'the fuse does not run' : null),
    ),
    configuredSystemIdentifier: cluster.systemIdentifier,
    unheardMs: unheardFor(lastPrimary, parts.lease, {
      self,
      voters: cluster.nodes.map((it) => it.name as NodeName),
      now,
      freshMs: limits.freshMs,
    }),
    lastPrimary,
    primarySql: former === null ? unknown('no primary to look at') : reached(probe, former, now),
    primaryHost: former === null ? unknown('no primary to look at') : reached(probe, former, now),
    gatewayAnswers: surroundings.gatewayAnswers(now),
    witness: witnessOf(cluster, heard, former, now),
    votersSeen: known(base.votersSeen),
    voters: cluster.nodes.length,
    databases: cluster.nodes.filter((it) => it.kind === 'database').length,
    grantable: known(lease.mayClaim || lease.bequest !== null),
    otherPrimaries: known(primariesSeen(self, heard, probe, now)),
    rivals: known(rivalsAmong(others, now, limits.freshMs)),
    vipAnswered: surroundings.vipAnswered(now),
    keepalivedFault: surroundings.keepalivedFault(now),
    clockSteady: surroundings.clockSteady(now),
    limits: {
      cooldownMs: cluster.timings.failoverCooldownSeconds * 1000,
      perHour: cluster.failover.perHour,
      lossHeartbeatSeconds: cluster.failover.lossHeartbeatSeconds,
      lossBytes: cluster.failover.lossBytes,
      heartbeatStaleMs: cluster.heartbeat.interval * 1000 * HEARTBEAT_STALE_INTERVALS,
      minFreeDiskBytes: MIN_FREE_DISK_BYTES,
    },
  };
}

/** The newest lease's holder, unless another node was seen to be primary later; where it is this node or nobody, whoever was last. */
function formerPrimary(
  { primaries, node }: EvidenceParts,
  { lease, others, now }: EvidenceBase,
): NodeName | null {
  const nodes = others.map((it) => it.node);
  return primaries.former(node.name as NodeName, lease.newest?.lease.holder ?? null, nodes, now);
}

function workOn(paths: Paths, { marker, busy, lease }: EvidenceBase): Known<string | null> {
  if (lease.pause !== null) return known(lease.pause);
  if (marker.kind === 'unknown') return marker;
  if (marker.value !== null && marker.value.reason !== 'lease-lost')
    return known(`the fence marker stands: ${marker.value.reason}`);
  if (busy !== null) return known(`under way on this node: ${busy}`);
  return rejoinUnderWay(paths.rejoinManifest);
}

/** Only the phase is read here: the agent does not carry the schema of the manifest. */
export function rejoinUnderWay(path: string): Known<string | null> {
  try {
    const { phase } = JSON.parse(readFileSync(path, 'utf8')) as { readonly phase?: unknown };
    return known(phase === 'verified' ? null : `a rejoin is half done (${String(phase)})`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return known(null);
    return unknown('the rejoin manifest cannot be read');
  }
}

function reached(probe: Pick<PeerProbe, 'of'>, node: NodeName, now: number): Known<Reach> {
  const { look } = probe.of(node);
  if (look === null || now - look.endedAt > LOOK_MS) return unknown(`${node} was not looked at lately`);
  return known(reachOf(look));
}

function witnessOf(
  cluster: ClusterConfig,
  heard: readonly OtherNode[],
  former: NodeName | null,
  now: number,
): FailoverSnapshot['witness'] {
  const names = cluster.nodes.filter((it) => it.kind === 'witness').map((it) => it.name);
  if (names.length === 0) return null;
  const witness = heard.find((it) => names.includes(it.node));
  if (witness === undefined) return unknown(`${names.join(', ')} not heard`);
  const sight = witness.report.sights.find((it) => it.node === former);
  if (sight === undefined) return known({ seesPrimary: false, primaryAgeMs: null });
  const age = sight.ageMs + (now - witness.heardAt);
  return known({ seesPrimary: sight.role === 'primary' && age <= SIGHT_MS, primaryAgeMs: age });
}

/** Who says of itself that it is primary, and whom anybody, this node included, sees as one. */
function primariesSeen(
  self: NodeName,
  heard: readonly OtherNode[],
  probe: Pick<PeerProbe, 'sights'>,
  now: number,
): readonly NodeName[] {
  const names = new Set<NodeName>();
  for (const { node, heardAt, report } of heard) {
    if (report.server?.role === 'primary') names.add(node);
    for (const sight of report.sights)
      if (sight.role === 'primary' && sight.ageMs + (now - heardAt) <= SIGHT_MS) names.add(sight.node);
  }
  for (const sight of probe.sights())
    if (sight.role === 'primary' && sight.ageMs <= SIGHT_MS) names.add(sight.node);
  names.delete(self);
  return [...names];
}
