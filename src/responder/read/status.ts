/** The status document: what one look showed of each node, in plain values; null stands for "not known" and is explained beside it. */
import type { NodeConfig } from '../../config/schema.ts';
import type { Finding } from '../../core/diagnose/finding.ts';
import { leaseHolder } from '../../core/diagnose/lease-holder.ts';
import { pauseSeen } from '../../core/diagnose/pause-seen.ts';
import { viewOf } from '../../core/diagnose/view.ts';
import { valueOr, type Known } from '../../core/model/known.ts';
import { formatLsn, type Lsn } from '../../core/model/lsn.ts';
import type { NodeName } from '../../core/model/names.ts';
import type { NodeObservation, Snapshot, VrrpState } from '../../core/model/observation.ts';
import type { Role } from '../../core/model/role.ts';
import type { FiringAlert } from '../store/alerts.ts';
import type { Remediation } from '../store/remediations.ts';
import { overrideSeen } from './by-people.ts';
import { rfc3339 } from './moment.ts';
import { suspendedSeen } from './suspended.ts';

export interface NodeStatus {
  readonly name: string;
  readonly kind: 'database' | 'witness';
  /** False where the node gave no answer; everything else about it is then null. */
  readonly answered: boolean;
  /** Everything that is not known and why, one sentence each. */
  readonly unknown: readonly string[];
  readonly agent: boolean | null;
  /** Null on a witness and where the node gave no answer. */
  readonly role: Role | null;
  readonly roleReason: string | null;
  readonly timeline: number | null;
  readonly lsn: string | null;
  readonly streamingFrom: string | null;
  readonly holdsVip: boolean | null;
  readonly vrrp: VrrpState | 'down' | null;
  readonly fence: { readonly state: string; readonly reason: string; readonly since: string } | null;
  /** Null = no rejoin under way, or not known. */
  readonly rejoin: string | null;
  /** The newest epoch of the lease that this voter knows; null = none, or not known. */
  readonly epoch: number | null;
  /** True where this node holds the lease of that epoch, by the deadline in its own memory. */
  readonly holdsLease: boolean | null;
}

export interface RemediationStatus {
  readonly id: string;
  readonly node: string;
  readonly playbook: string;
  readonly state: string;
  readonly why: string | null;
  readonly startedAt: string;
  readonly endedAt: string | null;
}

export interface ClusterStatus {
  readonly cluster: string;
  readonly vip: string;
  readonly policy: string;
  /** When the look began. */
  readonly at: string;
  /** True where every node answered and nothing was found. */
  readonly healthy: boolean;
  /** Of the lease whose holder a majority of the voters stands by; null where there is none, or it was not seen. */
  readonly epoch: number | null;
  readonly leaseHolder: string | null;
  /** People are at work, and nobody is promoted; null = no pause was seen to stand. */
  readonly pause: { readonly until: string; readonly by: string; readonly reason: string } | null;
  /** The lease is held by a person's word against the voters; null = it is not. */
  readonly override: { readonly node: string; readonly until: string; readonly reason: string } | null;
  /**
   * The primary has no synchronous standby yet and serves without: what is restored once enough of that set stream, and whose agent put it
   * aside; null = nothing is suspended, or no primary was seen.
   */
  readonly suspendedSynchronous: {
    readonly node: string;
    readonly names: string;
    readonly by: string | null;
    readonly since: string;
  } | null;
  readonly nodes: readonly NodeStatus[];
  readonly findings: readonly Finding[];
  readonly alerts: readonly { readonly name: string; readonly node: string | null; readonly since: string }[];
  /** The newest, running or not. */
  readonly remediation: RemediationStatus | null;
}

export interface StatusParts {
  readonly vip: string;
  readonly policy: string;
  readonly nodes: readonly NodeConfig[];
  readonly snapshot: Snapshot;
  readonly findings: readonly Finding[];
  readonly alerts: readonly FiringAlert[];
  readonly remediation: Remediation | null;
}

/** Builds the document. */
export function statusOf(parts: StatusParts): ClusterStatus {
  const { snapshot, findings, remediation } = parts;
  const holder = leaseHolder(viewOf(snapshot));
  return {
    cluster: snapshot.cluster,
    vip: parts.vip,
    policy: parts.policy,
    at: rfc3339(snapshot.at),
    healthy: findings.length === 0,
    epoch: holder?.epoch ?? null,
    leaseHolder: holder?.node ?? null,
    pause: pauseSeen(snapshot),
    override: overrideSeen(snapshot),
    suspendedSynchronous: suspendedSeen(snapshot),
    nodes: parts.nodes.map((node) => nodeStatus(node, snapshot.nodes.get(node.name as NodeName))),
    findings,
    alerts: parts.alerts.map(({ name, node, startsAt }) => ({ name, node, since: startsAt })),
    remediation: remediation === null ? null : remediationStatus(remediation),
  };
}

function remediationStatus(it: Remediation): RemediationStatus {
  return {
    id: it.id,
    node: it.node,
    playbook: it.plan.playbook,
    state: it.state,
    why: it.why,
    startedAt: rfc3339(it.startedAt),
    endedAt: it.endedAt === null ? null : rfc3339(it.endedAt),
  };
}

function nodeStatus(node: NodeConfig, look: Known<NodeObservation> | undefined): NodeStatus {
  const base = { name: node.name, kind: node.kind };
  if (look?.kind === 'known') return { ...base, answered: true, ...seenStatus(look.value) };
  const reason = look === undefined ? 'it is not asked: no host key is pinned for it' : look.reason;
  return {
    ...base,
    answered: false,
    unknown: [reason],
    agent: null,
    role: null,
    roleReason: null,
    timeline: null,
    lsn: null,
    streamingFrom: null,
    holdsVip: null,
    vrrp: null,
    fence: null,
    rejoin: null,
    epoch: null,
    holdsLease: null,
  };
}

function seenStatus(seen: NodeObservation): Omit<NodeStatus, 'name' | 'kind' | 'answered'> {
  const { postgres, keepalived } = seen;
  const fence = valueOr(seen.fence, null);
  const receiver = postgres === null ? null : valueOr(postgres.receiver, null);
  return {
    unknown: unknownOf(seen),
    agent: valueOr(seen.agentRunning, null),
    role: postgres?.role ?? null,
    roleReason: postgres?.roleReason ?? null,
    timeline: postgres === null ? null : valueOr(postgres.timeline, null),
    lsn:
      postgres === null
        ? null
        : lsnOf(postgres.role === 'primary' ? postgres.currentLsn : postgres.replayLsn),
    streamingFrom: receiver?.status === 'streaming' ? receiver.senderHost : null,
    holdsVip: seen.vip.kind === 'known' ? seen.vip.value.present : null,
    vrrp: keepalived === null ? null : vrrpOf(keepalived),
    fence: fence === null ? null : { state: fence.state, reason: fence.reason, since: rfc3339(fence.setAt) },
    rejoin: valueOr(seen.rejoin, null)?.phase ?? null,
    epoch: valueOr(seen.lease, null)?.epoch ?? null,
    holdsLease: seen.lease.kind === 'unknown' ? null : (seen.lease.value?.entitled ?? false),
  };
}

function vrrpOf(keepalived: NonNullable<NodeObservation['keepalived']>): VrrpState | 'down' | null {
  if (keepalived.kind === 'unknown') return null;
  return keepalived.value.running ? valueOr(keepalived.value.vrrpState, null) : 'down';
}

function lsnOf(lsn: Known<Lsn>): string | null {
  return lsn.kind === 'known' ? formatLsn(lsn.value) : null;
}

/** What should have been seen and was not; parts that a role does not have are no gap. */
function unknownOf(seen: NodeObservation): readonly string[] {
  const gaps: string[] = [];
  const check = (what: string, it: Known<unknown> | null): void => {
    if (it?.kind === 'unknown') gaps.push(`${what}: ${it.reason}`);
  };
  check('agent', seen.agentRunning);
  check('VIP', seen.vip);
  check('fence marker', seen.fence);
  check('rejoin', seen.rejoin);
  check('lease', seen.lease);
  check('keepalived', seen.keepalived);
  if (seen.postgres?.role === 'primary')
    check('suspended synchronous replication', seen.postgres.suspendedSynchronous);
  if (seen.keepalived?.kind === 'known' && seen.keepalived.value.running)
    check('VRRP state', seen.keepalived.value.vrrpState);
  if (seen.postgres?.role === 'unknown') gaps.push(`role: ${seen.postgres.roleReason}`);
  return gaps;
}
