/** Puts together what the keeper decides from: one duty snapshot with its criteria, and the report that the other nodes get. */
import type { ClusterConfig, NodeConfig } from '../../config/schema.ts';
import type { FailoverDecision, Way } from '../../core/guard/criterion.ts';
import { debtOf } from '../../core/guard/debt.ts';
import { decideFailover, isReadyToSucceed } from '../../core/guard/decide-failover.ts';
import type { DutyLimits, DutySnapshot } from '../../core/guard/duty.ts';
import type { FailoverSnapshot, LastPrimary } from '../../core/guard/failover-snapshot.ts';
import type { DeathCertificate } from '../../core/model/death-certificate.ts';
import type { FenceMarker } from '../../core/model/fence-marker.ts';
import { known, mapKnown, valueOr, type Known } from '../../core/model/known.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeReport, Sight } from '../../core/model/node-report.ts';
import { ASYNCHRONOUS } from '../../core/model/synchronous-word.ts';
import type { Adoption } from '../../world/files/adoption.ts';
import type { LeaseService } from '../lease/lease-service.ts';
import { gatherEvidence, type EvidenceBase, type EvidenceParts } from './failover-evidence.ts';
import { asCertified } from './as-certified.ts';
import { othersOf, viewLease, votersSeen } from './lease-view.ts';
import type { KeeperMemory } from './memory.ts';
import type { OwnServer } from './own-server.ts';
import type { Surroundings } from './surroundings.ts';
import type { VipFacts } from './vip-watch.ts';

/** What the keeper's loops last read from files and sessions. */
export interface Facts extends VipFacts {
  readonly adoption: Known<Adoption | null>;
  /** When the adoption was seen to appear, boot-time milliseconds; null where it was there from the start. */
  readonly adoptedSince: number | null;
  readonly marker: Known<FenceMarker | null>;
  readonly busy: string | null;
  /** Since when this node is entitled; null = it is not. */
  readonly entitledSince: number | null;
  readonly silentSince: number | null;
  readonly cannotWriteSince: number | null;
  readonly kernelLease: boolean;
}

export interface SnapshotParts {
  readonly cluster: ClusterConfig;
  readonly node: NodeConfig;
  readonly lease: LeaseService;
  readonly own: OwnServer;
  readonly surroundings: Surroundings;
  readonly memory: KeeperMemory;
  readonly evidence: EvidenceParts;
  readonly limits: DutyLimits;
}

/** All at `now`, boot-time milliseconds. Cheap: nothing is waited for. */
export function takeSnapshot(parts: SnapshotParts, facts: Facts, now: number): DutySnapshot {
  const { cluster, node, lease, own, surroundings, limits, memory } = parts;
  const voters = cluster.nodes.map((it) => it.name as NodeName);
  const self = node.name as NodeName;
  const others = othersOf(lease);
  const forced = lease.overrideNow() !== null;
  parts.evidence.primaries.take(others, now);
  const base: EvidenceBase = {
    now,
    marker: facts.marker,
    busy: facts.busy,
    lease: viewLease(
      lease,
      { self, voters },
      now,
      limits.freshMs,
      memory.lineage,
      facts.entitledSince,
      forced,
    ),
    others,
    guardsMissingSince: surroundings.fuseMissingSince,
    limits,
    votersSeen: votersSeen(lease, now, limits.freshMs),
  };
  const onSilence = withAdoption(gatherEvidence(parts.evidence, base, null), facts);
  const { timeline, receiveLsn } = onSilence.server;
  return {
    ...base,
    self,
    debt: debtOf(memory.owed, { timeline: valueOr(timeline, null), lsn: valueOr(receiveLsn, null) }),
    adopted: mapKnown(facts.adoption, (it) => it !== null),
    adoptedSince: facts.adoptedSince,
    server: own.duty(now, facts.silentSince, facts.cannotWriteSince),
    vipHere: facts.vipHere,
    vipMissingSince: facts.vipMissingSince,
    kernelLease: facts.kernelLease,
    failover: judgeWays(parts, facts, base, onSilence),
  };
}

/** Silence always, because everybody sees it before the night; the others where they may come up. */
function judgeWays(
  parts: SnapshotParts,
  facts: Facts,
  base: EvidenceBase,
  onSilence: FailoverSnapshot,
): Partial<Record<Way, FailoverDecision>> {
  const { evidence, own } = parts;
  const { bequest, entitledUntil } = base.lease;
  const decisions: Partial<Record<Way, FailoverDecision>> = { silence: decideFailover(onSilence, 'silence') };
  if (bequest !== null) {
    const seen = withAdoption(gatherEvidence(evidence, base, bequest.lease.holder), facts);
    const onDeath = asCertified(seen, parts.lease.bequest()?.proof);
    decisions['certain-death'] = decideFailover(onDeath, 'certain-death');
  }
  if (entitledUntil !== null && own.seen.state === 'recovery') {
    const lastPrimary = mapKnown(parts.memory.owed, (owed) => lastPrimaryOf(onSilence, owed));
    // A pause binds those who would take its place, and not the holder itself: people restart its server.
    const unpaused = { ...base, lease: { ...base.lease, pause: null } };
    const ofHolder = withAdoption(gatherEvidence(evidence, unpaused, null), facts);
    decisions['holder-in-recovery'] = decideFailover({ ...ofHolder, lastPrimary }, 'holder-in-recovery');
  }
  return decisions;
}

/** A cluster whose primacy.yml names no system identifier: the adoption wrote down which one it is. */
function withAdoption(snapshot: FailoverSnapshot, { adoption }: Facts): FailoverSnapshot {
  if (snapshot.configuredSystemIdentifier !== null || adoption.kind === 'unknown') return snapshot;
  return { ...snapshot, configuredSystemIdentifier: adoption.value?.systemIdentifier ?? null };
}

/** The holder was the last primary itself, unless it owes the WAL of the one that it succeeded. */
function lastPrimaryOf({ self, server }: FailoverSnapshot, owed: DeathCertificate | null): LastPrimary {
  return {
    node: owed?.node ?? self,
    ageMs: 0,
    systemIdentifier: server.systemIdentifier,
    timeline: server.timeline,
    historyHash: server.historyHash,
    // What is owed is fetched before the promotion, which refuses a gap by itself.
    lsn: server.receiveLsn,
    heartbeat: server.heartbeat,
    synchronous: known(ASYNCHRONOUS),
  };
}

/** What this node tells the others of itself with each datagram. */
export function reportOf(parts: SnapshotParts, snapshot: DutySnapshot, sights: readonly Sight[]): NodeReport {
  const { node, own } = parts;
  const { silence } = snapshot.failover;
  const adopted = snapshot.adopted.kind === 'known' && snapshot.adopted.value;
  return {
    node: node.name as NodeName,
    kind: node.kind,
    adopted,
    server: own.report(snapshot.now),
    holdsVip: snapshot.vipHere.kind === 'known' ? snapshot.vipHere.value : null,
    fenced: snapshot.marker.kind === 'known' ? snapshot.marker.value !== null : null,
    readyToSucceed: adopted && silence !== undefined && isReadyToSucceed(silence),
    priority: node.priority,
    sights,
    remembers: parts.evidence.primaries.remembered(snapshot.now),
  };
}
