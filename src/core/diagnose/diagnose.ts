/** Snapshot in, findings out: every condition that one round of looks proves, and everything it could not see. Pure. */
import type { NodeName } from '../model/names.ts';
import type { NodeObservation, Snapshot } from '../model/observation.ts';
import { FINDING_KINDS, type Finding, type FindingKind } from './finding.ts';
import { findForks, findForeignSystems } from './find-forks.ts';
import { leaseHolder } from './lease-holder.ts';
import { fenceMarkerOf, holdsVip, viewOf, type DatabaseNode, type View } from './view.ts';

/** All findings, the most pressing first (the order of `FINDING_KINDS`). An empty list = all was seen and all is well. */
export function diagnose(snapshot: Snapshot): readonly Finding[] {
  const view = viewOf(snapshot);
  const findings = [
    ...findUnseen(view),
    ...findPrimaries(view),
    ...findLease(view),
    ...findVip(view),
    ...view.databases.flatMap((node) => findFence(view, node)),
    ...findForks(view.databases),
    ...findForeignSystems(view.databases),
  ];
  return findings.toSorted((a, b) => FINDING_KINDS.indexOf(a.kind) - FINDING_KINDS.indexOf(b.kind));
}

function finding(
  kind: FindingKind,
  nodes: readonly NodeName[],
  summary: string,
  evidence: readonly string[],
): Finding {
  return { kind, nodes, summary, evidence };
}

function findUnseen(view: View): readonly Finding[] {
  const findings: Finding[] = [];
  for (const [name, look] of view.snapshot.nodes) {
    if (look.kind === 'unknown') {
      findings.push(finding('node-unreachable', [name], `${name} gives no answer`, [look.reason]));
      continue;
    }
    const { postgres, vip, fence } = look.value;
    if (postgres?.role === 'unknown')
      findings.push(finding('role-unknown', [name], `the role of ${name} is unknown`, [postgres.roleReason]));
    if (vip.kind === 'unknown')
      findings.push(
        finding('vip-unknown', [name], `the addresses of ${name} could not be read`, [vip.reason]),
      );
    if (fence.kind === 'unknown')
      findings.push(
        finding('fence-unknown', [name], `the fence marker of ${name} could not be read`, [fence.reason]),
      );
  }
  return findings;
}

function findPrimaries(view: View): readonly Finding[] {
  const names = view.primaries.map((node) => node.name);
  const evidence = view.databases.map((node) => describeRole(node.observation));
  if (names.length > 1)
    return [finding('dual-primary', names, `${names.join(' and ')} are primary at once`, evidence)];
  // A node that could not be seen may be the primary: "no primary" is only said where every database was seen.
  const allSeen = view.databases.every((node) => node.postgres.role !== 'unknown');
  if (names.length === 0 && allSeen && view.answered.length === view.snapshot.nodes.size)
    return [finding('no-primary', [], 'no server is primary', evidence)];
  return [];
}

/** Of two primaries `dual-primary` tells already. A node that was not adopted knows of no lease, and none is missed there. */
function findLease(view: View): readonly Finding[] {
  const [primary] = view.primaries;
  if (primary === undefined || view.primaries.length > 1) return [];
  const { lease } = primary.observation;
  if (lease.kind === 'unknown') return [];
  const holder = leaseHolder(view);
  const evidence = view.answered.map(describeLease);
  if (holder !== null && holder.node !== primary.name)
    return [
      finding(
        'primary-without-lease',
        [primary.name],
        `${primary.name} is primary, and the lease of epoch ${holder.epoch} names ${holder.node}`,
        evidence,
      ),
    ];
  if (holder !== null || lease.value === null || lease.value.entitled) return [];
  return [finding('lease-not-held', [primary.name], `${primary.name} is primary without a lease`, evidence)];
}

function findVip(view: View): readonly Finding[] {
  const findings: Finding[] = [];
  const { vipHolders: holders } = view;
  const evidence = view.answered.map(describeVip);
  if (holders.length > 1)
    findings.push(
      finding('vip-conflict', holders, `${holders.join(' and ')} have the VIP at once`, evidence),
    );
  const allSeen =
    view.answered.length === view.snapshot.nodes.size &&
    view.answered.every((observation) => observation.vip.kind === 'known');
  if (holders.length === 0 && allSeen)
    findings.push(finding('vip-missing', [], 'the VIP is on no node', evidence));
  for (const node of view.databases) {
    if (!holdsVip(node.observation) || node.postgres.role === 'primary') continue;
    if (node.postgres.role === 'unknown') continue;
    findings.push(
      finding('vip-on-non-primary', [node.name], `${node.name} is ${node.postgres.role} and has the VIP`, [
        describeRole(node.observation),
        describeVip(node.observation),
      ]),
    );
  }
  return findings;
}

function findFence(view: View, node: DatabaseNode): readonly Finding[] {
  const marker = fenceMarkerOf(node.observation);
  if (marker === null) return [];
  const evidence = [
    `the marker of ${node.name} says ${marker.state}, reason ${marker.reason}`,
    describeRole(node.observation),
    describeVip(node.observation),
  ];
  if (marker.state === 'fencing' || node.postgres.role === 'primary' || holdsVip(node.observation))
    return [finding('fence-interrupted', [node.name], `the fence of ${node.name} is not complete`, evidence)];
  const others = view.primaries.filter((other) => other.name !== node.name);
  const [survivor] = others;
  if (survivor === undefined || others.length > 1)
    return [
      finding(
        'fenced-no-primary',
        [node.name],
        `${node.name} is fenced and there is no single primary to follow`,
        evidence,
      ),
    ];
  return [
    finding(
      'fenced-may-rejoin',
      [node.name, survivor.name],
      `${node.name} is fenced and could follow ${survivor.name}`,
      [...evidence, describeRole(survivor.observation)],
    ),
  ];
}

/** `pg1 is primary: pg_is_in_recovery() is false`. */
export function describeRole(observation: NodeObservation): string {
  const { node, postgres } = observation;
  return postgres === null
    ? `${node} has no PostgreSQL`
    : `${node} is ${postgres.role}: ${postgres.roleReason}`;
}

/** `pg1 has the VIP on eth0`, `pg2 does not have the VIP`, or why it is not known. */
export function describeVip(observation: NodeObservation): string {
  const { node, vip } = observation;
  if (vip.kind === 'unknown') return `whether ${node} has the VIP is not known: ${vip.reason}`;
  if (!vip.value.present) return `${node} does not have the VIP`;
  return vip.value.interface === null
    ? `${node} has the VIP`
    : `${node} has the VIP on ${vip.value.interface}`;
}

/** `pg1 knows epoch 3 of pg1 and holds it`, or why it is not known. */
export function describeLease(observation: NodeObservation): string {
  const { node, lease } = observation;
  if (lease.kind === 'unknown') return `what ${node} knows of the lease is not known: ${lease.reason}`;
  if (lease.value === null) return `${node} knows of no lease`;
  const { epoch, holder, transferredTo, entitled } = lease.value;
  const end = transferredTo === null ? '' : `, given to ${transferredTo}`;
  return `${node} knows epoch ${epoch} of ${holder}${end}${entitled ? ' and holds it' : ''}`;
}
